/**
 * The coordinator's half of a query: makes the answer out of what the fragments send. Leaving the loop
 * early ends all streams.
 */
import { assert } from '@tdnode/common';
import type { Batch } from '@tdnode/common';
import { ColumnBuilder } from '../operators/column-builder.ts';
import type { AggregateMerge, ConstantMerge, QueryPlan } from '../plan/metadata.ts';
import { AggregateMerger } from './merge-aggregate.ts';
import { concatStreams, mergeDistinct, mergeOrdered } from './merge-rows.ts';

/** `streams[i]` carries the batches of `plan.targets[i]`. */
export async function* mergeResults(
  plan: QueryPlan,
  streams: readonly AsyncIterable<Uint8Array>[],
): AsyncGenerator<Batch> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  const { merge } = plan;
  try {
    switch (merge.kind) {
      case 'constant':
        if (merge.rows.length > 0) yield constantRows(plan, merge);
        return;
      case 'concat':
        yield* concatStreams(iterators, merge);
        return;
      case 'ordered':
        yield* mergeOrdered(iterators, merge, plan.columns);
        return;
      case 'distinct':
        yield* mergeDistinct(
          iterators,
          { ...merge, memoryBudgetBytes: plan.memoryBudgetBytes },
          plan.columns[0]!,
        );
        return;
      case 'aggregate':
        yield* mergeAggregate(plan, merge, iterators);
        return;
      case 'union':
        assert(false, 'a union has plans, not streams');
    }
  } finally {
    for (const iterator of iterators) void iterator.return?.();
  }
}

function constantRows(plan: QueryPlan, merge: ConstantMerge): Batch {
  const encoder = new TextEncoder();
  const columns = plan.columns.map((column, i) => {
    const builder = new ColumnBuilder(merge.rows.length, column.type);
    for (const row of merge.rows) {
      const value = row[i] ?? null;
      builder.appendValue(typeof value === 'string' ? encoder.encode(value) : value, 1);
    }
    return builder.finish();
  });
  return { rows: merge.rows.length, columns };
}

async function* mergeAggregate(
  plan: QueryPlan,
  merge: AggregateMerge,
  iterators: readonly AsyncIterator<Uint8Array>[],
): AsyncGenerator<Batch> {
  const merger = new AggregateMerger(merge.shape, merge);
  // All fragments run at once, but are merged in their order: of equal candidates the same one wins every time.
  const started = iterators.map((iterator) => iterator.next());
  for (const first of started) first.catch(() => undefined);
  for (const [i, iterator] of iterators.entries()) {
    for (let step = await started[i]!; !step.done; step = await iterator.next())
      merger.add(step.value);
  }
  yield* merger.finish(plan.columns);
}
