/**
 * `explain [analyze] select …`: the plan as rows of text. With `analyze` the query runs, its rows are thrown away,
 * and each fragment tells what it read. `$n` in the text is the n-th column that the fragment reads.
 */
import type { Batch, Clock, VgId } from '@tdnode/common';
import {
  decodeCounts,
  explainPlan,
  runPlan,
  type PlanHost,
  type PlanTarget,
  type QueryPlan,
} from '@tdnode/query';
import type { FragmentStream, ResultColumn, VnodeService } from '@tdnode/rpc';

/** Characters of the longest line. */
const LINE_BYTES = 512;
const BINARY = 8;

/** The head of the answer. */
export const EXPLAIN_COLUMNS: readonly ResultColumn[] = [
  { name: 'plan', type: BINARY, bytes: LINE_BYTES },
];

/** The plan alone. */
export async function* explain(plan: QueryPlan): AsyncGenerator<Batch> {
  yield linesBatch(explainPlan(plan));
}

/** The plan with what its run took. */
export async function* explainAnalyze(
  plan: QueryPlan,
  parts: { readonly vnodes: VnodeService; readonly clock: Clock; readonly signal: AbortSignal },
): AsyncGenerator<Batch> {
  const { vnodes, clock, signal } = parts;
  const measured = new Map<PlanTarget, string>();
  const streams: FragmentStream[] = [];
  const host: PlanHost = {
    open: (target) => {
      signal.throwIfAborted();
      const stream = vnodes.query(target.vgId as VgId, {
        kind: 'counted',
        fragment: target.fragment,
      });
      streams.push(stream);
      return withoutCounts(stream, clock, (text) => measured.set(target, text));
    },
    pause: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    },
  };
  const begun = clock.monotonic();
  let rows = 0;
  try {
    for await (const batch of runPlan(plan, host)) rows += batch.rows;
  } finally {
    for (const stream of streams) stream.cancel();
  }
  const elapsed = (clock.monotonic() - begun).toFixed(2);
  const lines = explainPlan(plan, (target) => measured.get(target) ?? 'ended early');
  yield linesBatch([...lines, `${rows} rows in ${elapsed} ms`]);
}

/** The fragment's batches but the last, which is its counts. */
async function* withoutCounts(
  stream: AsyncIterable<Uint8Array>,
  clock: Clock,
  tell: (text: string) => void,
): AsyncGenerator<Uint8Array> {
  const begun = clock.monotonic();
  let held: Uint8Array | undefined;
  let bytes = 0;
  for await (const batch of stream) {
    if (held !== undefined) {
      bytes += held.length;
      yield held;
    }
    held = batch;
  }
  if (held === undefined) return;
  const { tables, newestRows, blocks, pruned, rows } = decodeCounts(held);
  const elapsed = (clock.monotonic() - begun).toFixed(2);
  tell(
    `read ${tables} tables, ${newestRows} newest rows; ${blocks} blocks, ${pruned} of them pruned; ` +
      `${rows} rows decoded; ${bytes} bytes sent; ${elapsed} ms`,
  );
}

function linesBatch(lines: readonly string[]): Batch {
  const encoder = new TextEncoder();
  const parts = lines.map((line) => encoder.encode(line).subarray(0, LINE_BYTES));
  const offsets = new Uint32Array(parts.length + 1);
  parts.forEach((part, i) => (offsets[i + 1] = offsets[i]! + part.length));
  const bytes = new Uint8Array(offsets[parts.length]!);
  parts.forEach((part, i) => bytes.set(part, offsets[i]));
  return {
    rows: parts.length,
    columns: [{ kind: 'str', offsets, bytes, nulls: undefined, nullCount: 0 }],
  };
}
