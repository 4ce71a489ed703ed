/**
 * Running a whole plan at the coordinator: selects after each other, fragments at the vnodes, fragments over
 * rows that other plans give. Leaving the loop early ends everything below.
 */
import { assert } from '@tdnode/common';
import type { Batch } from '@tdnode/common';
import { findFunction } from '../functions/table.ts';
import type { Fragment } from '../plan/fragment.ts';
import type {
  LocalRows,
  MergeSpec,
  PlanTarget,
  QueryPlan,
  RowLimit,
  RowSource,
} from '../plan/metadata.ts';
import { MAX_TIME, MIN_TIME } from '../plan/where.ts';
import { BatchScan } from './batch-scan.ts';
import { checkBudget } from './budget.ts';
import { joinRows } from './join-rows.ts';
import { mergeResults } from './merge-results.ts';
import { LimitCut } from './merge-rows.ts';
import { runFragment } from './run-fragment.ts';
import { withTicks } from './ticks-of-answer.ts';
import { batchBytes, cutToRange, isAscending, sortByTime, timesOf } from './time-order.ts';
import type { TimedBatch } from './time-order.ts';

/** What running a plan needs of its surroundings. */
export interface PlanHost {
  /** Starts a fragment in its vnode. */
  readonly open: (target: PlanTarget) => AsyncIterable<Uint8Array>;
  /** Lets others work: called about every millisecond of work done here. */
  readonly pause: () => Promise<void>;
}

/** Batches that are put together before a fragment runs over them. */
const CHUNK_BATCHES = 32;

/** The answer of a plan. */
export async function* runPlan(plan: QueryPlan, host: PlanHost): AsyncGenerator<Batch> {
  if (plan.precision !== 'ns') {
    yield* storedRows(plan, host);
    return;
  }
  for await (const batch of storedRows(plan, host)) yield withTicks(batch, plan.columns);
}

/** The answer with times as they are stored. */
async function* storedRows(plan: QueryPlan, host: PlanHost): AsyncGenerator<Batch> {
  if (plan.merge.kind === 'union') {
    for (const branch of plan.merge.branches) yield* runPlan(branch, host);
    return;
  }
  if (plan.local !== undefined) {
    const passed = passedThrough(plan.local, plan.merge);
    if (passed !== undefined) yield* passRows(plan.local, passed, host);
    else yield* mergeResults(plan, [runLocal(plan.local, host)]);
    return;
  }
  yield* mergeResults(plan, plan.targets.map(host.open));
}

interface PassedRows {
  readonly columns: readonly number[];
  readonly limit: RowLimit;
}

/** Numbers of the source's columns that make the answer, where nothing but limits is done to its rows. */
function passedThrough(
  { fragment, source, order }: LocalRows,
  merge: MergeSpec,
): PassedRows | undefined {
  if (fragment.kind !== 'rows' || fragment.filter !== undefined) return undefined;
  if (order !== 'none' || merge.kind !== 'concat') return undefined;
  const columnAt = columnsOf(source);
  const timeAt = source.kind === 'join' ? 0 : source.timeAt;
  const columns = fragment.outputs.map((output) => {
    if (output.kind === 'time') return timeAt;
    return output.kind === 'column'
      ? columnAt.get(fragment.scan.columns[output.index]!.colId)
      : undefined;
  });
  const known = columns.flatMap((at) => (at === undefined ? [] : [at]));
  return known.length === columns.length ? { columns: known, limit: merge } : undefined;
}

async function* passRows(
  local: LocalRows,
  { columns, limit }: PassedRows,
  host: PlanHost,
): AsyncGenerator<Batch> {
  const cut = new LimitCut(limit);
  for await (const chunk of chunksOf(local, host)) {
    for (const { batch } of chunk) {
      const wanted = columns.map((at) => batch.columns[at]!);
      const part = cut.apply({ rows: batch.rows, columns: wanted });
      if (part !== undefined) yield part;
      if (cut.isDone) return;
    }
  }
}

/** What the local fragment makes of its source's rows, as a vnode would send it. */
async function* runLocal(local: LocalRows, host: PlanHost): AsyncGenerator<Uint8Array> {
  const { fragment } = local;
  const columnAt = columnsOf(local.source);
  const run = async function* (batches: readonly TimedBatch[]): AsyncGenerator<Uint8Array> {
    for (const bytes of runFragment(fragment, new BatchScan(batches, columnAt))) {
      if (bytes === undefined) await host.pause();
      else yield bytes;
    }
  };
  if (fragment.kind === 'tags' || fragment.kind === 'count-tables') {
    yield* run([]);
    return;
  }
  for await (const chunk of chunksOf(local, host)) yield* run(inOrder(chunk, local));
}

/** Which column of the source's batches has a colId. */
function columnsOf(source: RowSource): ReadonlyMap<number, number> {
  const colIds =
    source.kind === 'join'
      ? source.columns.map((column) => column.colId)
      : source.plan.columns.map((_, i) => i + 1);
  return new Map(colIds.map((colId, i) => [colId, i]));
}

/** The source's rows in the time range, as much at once as the fragment must see together. */
async function* chunksOf(local: LocalRows, host: PlanHost): AsyncGenerator<TimedBatch[]> {
  const { source, from, to } = local;
  const timeAt = source.kind === 'join' ? 0 : source.timeAt;
  const isBounded = timeAt !== undefined && (from > MIN_TIME || to < MAX_TIME);
  const { precision } = source.kind === 'join' ? source.inputs[0]!.plan : source.plan;
  const size = chunkSize(local);
  let chunk: TimedBatch[] = [];
  let held = 0;
  let rows = 0;
  for await (const batch of rowsOf(source, host)) {
    const timed = { batch, ts: timesOf(batch, { timeAt, base: rows, precision }) };
    rows += batch.rows;
    const cut = isBounded ? cutToRange(timed, from, to) : timed;
    if (cut === undefined) continue;
    chunk.push(cut);
    held += batchBytes(cut.batch);
    checkBudget(held, local.fragment.memoryBudgetBytes);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
    held = 0;
  }
  if (chunk.length > 0) yield chunk;
}

/**
 * Rows pass through batch by batch unless they must be sorted; functions that merge over tables may as well see
 * the rows in pieces; the others need all at once.
 */
function chunkSize({ fragment, order, source }: LocalRows): number {
  if (fragment.kind === 'rows') return order === 'none' ? 1 : Infinity;
  if (source.kind === 'join') return mergesPieces(fragment) ? 1 : Infinity;
  return mergesPieces(fragment) ? CHUNK_BATCHES : Infinity;
}

function mergesPieces(fragment: Fragment): boolean {
  if (fragment.kind !== 'aggregate') return false;
  const { window, functions, interp } = fragment;
  const isOfTimes = window === undefined || window.kind === 'fixed' || window.kind === 'calendar';
  if (!isOfTimes || interp !== undefined) return false;
  return functions.every((call) => findFunction(call.name)?.onStables === 'yes');
}

function inOrder(
  chunk: readonly TimedBatch[],
  { order, fragment }: LocalRows,
): readonly TimedBatch[] {
  if (order === 'none' || fragment.kind === 'tags') return chunk;
  if (order === 'ascending' && isAscending(chunk)) return chunk;
  return sortByTime(chunk, order === 'descending');
}

function rowsOf(source: RowSource, host: PlanHost): AsyncGenerator<Batch> {
  if (source.kind === 'plan') return runPlan(source.plan, host);
  assert(source.inputs.length > 1, 'a join has several inputs');
  return joinRows(
    source,
    source.inputs.map((input) => runPlan(input.plan, host)),
    source.inputs[0]!.plan.memoryBudgetBytes,
  );
}
