/**
 * `first`, `last` and `last_row` without filter, window or grouping by column need one end of each table
 * only: it is read from that end until every call has found its row, or not at all where the vnode keeps
 * the newest row.
 */
import type { Vector } from '@tdnode/common';
import { isNull } from '../functions/cells.ts';
import { TIME_INPUT } from '../plan/fragment.ts';
import type { Scan, ScanTable } from '../scan.ts';
import type { AggregateRun } from './aggregate-run.ts';
import type { FilteredTable } from './table-list.ts';

export type EdgeReading = 'oldest' | 'newest';

/** From which end the table may be read with an early stop; undefined: all of it must be read. */
export function edgeReading(run: AggregateRun, filtered: FilteredTable): EdgeReading | undefined {
  const { fragment, calls } = run;
  if (filtered.condition !== undefined || fragment.window !== undefined || run.groupsByColumn)
    return undefined;
  if (calls.every((call) => call.name === 'last' || call.name === 'last_row')) return 'newest';
  return calls.every((call) => call.name === 'first') ? 'oldest' : undefined;
}

/** Answers from the newest row that the vnode keeps; false: the table must be read. */
export function readNewestRow(
  run: AggregateRun,
  at: {
    readonly table: ScanTable;
    readonly scan: Scan;
    readonly origin: number;
  },
): boolean {
  const { fragment, calls } = run;
  if (calls.some((call) => call.name === 'first')) return false;
  const row = at.scan.lastRow(at.table, run.colIds);
  if (row === undefined) return false;
  if (row === null) return true;
  if (row.ts < fragment.scan.from) return true;
  if (row.ts > fragment.scan.to) return false;
  const ts = new Float64Array([row.ts]);
  const inputs = calls.map((call): Vector =>
    call.input === TIME_INPUT ? { kind: 'f64', data: ts, nullCount: 0 } : row.columns[call.input]!,
  );
  if (calls.some((call, i) => call.name === 'last' && isNull(inputs[i]!, 0))) return false;
  const slot = run.slot(run.groupOf(at.table), 0);
  const range = { ts, from: 0, to: 1 };
  inputs.forEach((input, i) => {
    run.aggregators[i]!.add(slot, input, range, at.origin);
  });
  return true;
}
