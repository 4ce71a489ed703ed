/** Handing out what an aggregate fragment has gathered: see AggregateFragment for the columns. */
import { encodeBatch, MAX_BATCH_ROWS, SqlType } from '@tdnode/common';
import type { TagValue, Vector } from '@tdnode/common';
import { ColumnBuilder } from '../operators/column-builder.ts';
import type { CompanionSource } from '../plan/fragment.ts';
import type { ScanTable } from '../scan.ts';
import type { AggregateRun } from './aggregate-run.ts';

const encoder = new TextEncoder();

/** Yields the partial states as batches of at most 4096 rows. */
export function* emitPartials(run: AggregateRun): Generator<Uint8Array> {
  const { groups, aggregators, fragment } = run;
  const slots = groups.slots;
  if (slots === 0) return;
  const entrySlots = aggregators[0]!.entrySlots?.(slots);
  const rows = entrySlots?.length ?? slots;
  const states = aggregators.flatMap((aggregator) => aggregator.partial(slots));
  const origins = aggregators[fragment.companionOf]?.origins?.(slots);
  for (let from = 0; from < rows; from += MAX_BATCH_ROWS) {
    const to = Math.min(rows, from + MAX_BATCH_ROWS);
    const columns: Vector[] = [];
    fragment.groupBy.forEach((key, k) => {
      const type = key.kind === 'tbname' ? SqlType.BINARY : key.type;
      const builder = new ColumnBuilder(to - from, type);
      for (let row = from; row < to; row++) {
        const slot = entrySlots === undefined ? row : entrySlots[row]!;
        builder.appendValue(groups.groups[groups.slotGroup[slot]!]!.values[k]!, 1);
      }
      columns.push(builder.finish());
    });
    if (fragment.window !== undefined) {
      const starts = new Float64Array(to - from);
      for (let row = from; row < to; row++) {
        starts[row - from] = groups.slotWindow[entrySlots === undefined ? row : entrySlots[row]!]!;
      }
      columns.push({ kind: 'f64', data: starts, nullCount: 0 });
    }
    for (const state of states) columns.push(sliceVector(state, from, to));
    for (const companion of fragment.companions) {
      columns.push(companionColumn(companion, run.origins, origins!.subarray(from, to)));
    }
    yield encodeBatch({ rows: to - from, columns });
  }
}

function sliceVector(vector: Vector, from: number, to: number): Vector {
  if (vector.kind === 'f64') return { ...vector, data: vector.data.subarray(from, to) };
  if (vector.kind === 'i64') return { ...vector, data: vector.data.subarray(from, to) };
  const builder = new ColumnBuilder(to - from, SqlType.BINARY);
  builder.appendRange(vector, from, to);
  return builder.finish();
}

function companionColumn(
  source: CompanionSource,
  tables: readonly ScanTable[],
  origins: Int32Array,
): Vector {
  const type = source.kind === 'tbname' ? SqlType.BINARY : source.type;
  const builder = new ColumnBuilder(origins.length, type);
  for (const origin of origins) {
    const table = tables[origin];
    builder.appendValue(table === undefined ? null : companionValue(source, table), 1);
  }
  return builder.finish();
}

function companionValue(source: CompanionSource, table: ScanTable): TagValue {
  return source.kind === 'tbname' ? encoder.encode(table.name) : table.tag(source.colId);
}
