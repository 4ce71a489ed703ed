/**
 * Running `interp`: for each table the row at a point of time, or what lies between its neighbours there; with windows,
 * at the start of each window that has rows. A point before the first or after the last row has no value.
 */
import { isFloatType, isStringType, precisionOfTicks, timeArithmetic } from '@tdnode/common';
import type { TagValue, TimeArithmetic, Vector } from '@tdnode/common';
import { valueOf } from '../functions/cells.ts';
import { BlockRowsFinder } from '../operators/block-rows.ts';
import { ColumnBuilder } from '../operators/column-builder.ts';
import { windowCutter } from '../operators/window.ts';
import { TIME_INPUT } from '../plan/fragment.ts';
import type { AggregateFragment, FunctionCall, Interpolation } from '../plan/fragment.ts';
import type { Scan, ScanBlock } from '../scan.ts';
import { AggregateRun, inputOf } from './aggregate-run.ts';
import { emitPartials } from './partials.ts';
import { BLOCK_UNITS, Slice } from './slice.ts';
import { tablesOfFragment } from './table-list.ts';
import type { FilteredTable } from './table-list.ts';

const MIN_TIME = Number.MIN_SAFE_INTEGER;
const MAX_TIME = Number.MAX_SAFE_INTEGER;

/** One row of a table: its time and the functions' inputs. */
interface Sample {
  readonly time: number;
  readonly values: readonly TagValue[];
}

/** Yields encoded partial states at the end, undefined after each slice before. */
export function* runInterp(
  fragment: AggregateFragment,
  interpolation: Interpolation,
  scan: Scan,
): Generator<Uint8Array | undefined> {
  const run = new AggregateRun(fragment);
  const slice = new Slice();
  for (const filtered of tablesOfFragment(fragment, scan)) {
    const origin = run.origins.push(filtered.table) - 1;
    const points = new Points(run, interpolation, { filtered, origin });
    if (interpolation.at === undefined) yield* atWindows(run, points, { scan, slice, filtered });
    else atPoint(run, points, { scan, filtered, at: interpolation.at });
    if (slice.spend(BLOCK_UNITS)) yield undefined;
  }
  yield* emitPartials(run);
}

/** The rows next to the point: the last one not after it, the first one not before it. */
function atPoint(
  run: AggregateRun,
  points: Points,
  place: { readonly scan: Scan; readonly filtered: FilteredTable; readonly at: number },
): void {
  const { at } = place;
  const before = firstSample(run, place, { from: MIN_TIME, to: at, descending: true });
  if (before === undefined) return;
  if (before.time === at) return points.take(0, at, before, before);
  const after = firstSample(run, place, { from: at, to: MAX_TIME, descending: false });
  if (after !== undefined) points.take(0, at, before, after);
}

function firstSample(
  run: AggregateRun,
  place: { readonly scan: Scan; readonly filtered: FilteredTable },
  range: { readonly from: number; readonly to: number; readonly descending: boolean },
): Sample | undefined {
  const { table, condition } = place.filtered;
  const { columns } = run.fragment.scan;
  const finder = new BlockRowsFinder({ columns, from: range.from, to: range.to }, condition);
  const cursor = place.scan.open(table, { colIds: run.colIds, ...range });
  try {
    for (let block = cursor.next(); block !== undefined; block = cursor.next()) {
      const { count, selection, from } = finder.find(block);
      if (count === 0) continue;
      const at = range.descending ? count - 1 : 0;
      return sampleOf(run, block, selection === undefined ? from + at : selection[at]!);
    }
    return undefined;
  } finally {
    cursor.close();
  }
}

function* atWindows(
  run: AggregateRun,
  points: Points,
  place: { readonly scan: Scan; readonly filtered: FilteredTable; readonly slice: Slice },
): Generator<undefined> {
  const { table, condition } = place.filtered;
  const { fragment } = run;
  const { window } = fragment;
  if (window === undefined || window.kind === 'session' || window.kind === 'state') return;
  const windows = windowCutter(window);
  const finder = new BlockRowsFinder(fragment.scan, condition);
  const { from, to } = fragment.scan;
  const cursor = place.scan.open(table, { colIds: run.colIds, from, to, descending: false });
  let before: Sample | undefined;
  let start = NaN;
  try {
    for (let block = cursor.next(); block !== undefined; block = cursor.next()) {
      const { count, selection, from: first } = finder.find(block);
      for (let i = 0; i < count; i++) {
        const sample = sampleOf(run, block, selection === undefined ? first + i : selection[i]!);
        const its = windows.first(sample.time);
        if (its !== start) points.take(its, its, before, sample);
        start = its;
        before = sample;
      }
      if (place.slice.spend(block.rows * 8 + BLOCK_UNITS)) yield undefined;
    }
  } finally {
    cursor.close();
  }
}

function sampleOf(run: AggregateRun, block: ScanBlock, row: number): Sample {
  const values = run.calls.map((call) => {
    const value = valueOf(inputOf(call, block), row);
    return value instanceof Uint8Array ? value.slice() : value;
  });
  return { time: block.ts()[row]!, values };
}

/** Hands one table's points to the aggregators. */
class Points {
  readonly #run: AggregateRun;
  readonly #interpolation: Interpolation;
  readonly #filtered: FilteredTable;
  readonly #origin: number;

  constructor(
    run: AggregateRun,
    interpolation: Interpolation,
    table: { readonly filtered: FilteredTable; readonly origin: number },
  ) {
    this.#run = run;
    this.#interpolation = interpolation;
    this.#filtered = table.filtered;
    this.#origin = table.origin;
  }

  /** The value at a time between two rows, or at `after`'s own. */
  take(window: number, at: number, before: Sample | undefined, after: Sample): void {
    const { mode, values } = this.#interpolation;
    const isRow = after.time === at;
    if (!isRow && (mode === 'none' || before === undefined)) return;
    const run = this.#run;
    const slot = run.slot(run.groupOf(this.#filtered.table), window);
    const range = { ts: new Float64Array([at]), from: 0, to: 1 };
    run.calls.forEach((call, i) => {
      let value: TagValue = after.values[i]!;
      if (!isRow) {
        if (mode === 'prev') value = before!.values[i]!;
        else if (mode === 'null') value = null;
        else if (mode === 'value') value = values[i] ?? null;
        else if (mode === 'linear') {
          if (call.input === TIME_INPUT) value = at;
          else
            value = isStringType(call.type)
              ? null
              : linear(at, before!, after, { index: i, times: arithmeticOf(call) });
          if (typeof value === 'number' && call.input !== TIME_INPUT && !isFloatType(call.type))
            value = Math.trunc(value);
        }
      }
      run.aggregators[i]!.add(slot, single(call.type, value), range, this.#origin);
    });
  }
}

function arithmeticOf(call: FunctionCall): TimeArithmetic {
  return timeArithmetic(precisionOfTicks(call.ticksPerSecond));
}

function linear(
  at: number,
  before: Sample,
  after: Sample,
  { index, times }: { readonly index: number; readonly times: TimeArithmetic },
): number | null {
  const a = before.values[index]!;
  const b = after.values[index]!;
  if (a === null || b === null) return null;
  const share = times.between(before.time, at) / times.between(before.time, after.time);
  return Number(a) + (Number(b) - Number(a)) * share;
}

function single(type: AggregateRun['calls'][number]['type'], value: TagValue): Vector {
  const builder = new ColumnBuilder(1, type);
  builder.appendValue(value, 1);
  return builder.finish();
}
