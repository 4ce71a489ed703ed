/** Running an aggregate fragment: table by table, block by block, and at the end the partial states. */
import type { Vector } from '@tdnode/common';
import { isNull } from '../functions/cells.ts';
import { BlockRowsFinder } from '../operators/block-rows.ts';
import { TIME_INPUT } from '../plan/fragment.ts';
import type { AggregateFragment } from '../plan/fragment.ts';
import type { Scan, ScanBlock } from '../scan.ts';
import { AggregateRun, inputOf } from './aggregate-run.ts';
import { edgeReading, readNewestRow } from './edge-scan.ts';
import { emitPartials } from './partials.ts';
import { BLOCK_UNITS, Slice } from './slice.ts';
import { tablesOfFragment } from './table-list.ts';
import type { FilteredTable } from './table-list.ts';

/** Yields encoded partial states at the end, undefined after each slice before. */
export function* runAggregate(
  fragment: AggregateFragment,
  scan: Scan,
): Generator<Uint8Array | undefined> {
  const run = new AggregateRun(fragment);
  const slice = new Slice();
  const keepsOrigins = fragment.companions.length > 0;
  for (const filtered of tablesOfFragment(fragment, scan)) {
    const origin = keepsOrigins ? run.origins.push(filtered.table) - 1 : 0;
    yield* runTable(run, filtered, { scan, slice, origin });
  }
  run.close();
  yield* emitPartials(run);
}

interface TableContext {
  readonly scan: Scan;
  readonly slice: Slice;
  readonly origin: number;
}

function* runTable(
  run: AggregateRun,
  filtered: FilteredTable,
  context: TableContext,
): Generator<Uint8Array | undefined> {
  const { fragment } = run;
  const { scan, slice, origin } = context;
  const reading = edgeReading(run, filtered);
  if (reading !== undefined && readNewestRow(run, { table: filtered.table, scan, origin })) {
    if (slice.spend(BLOCK_UNITS)) yield undefined;
    return;
  }
  const { from, to } = fragment.scan;
  const finder = new BlockRowsFinder(fragment.scan, filtered.condition, run.countsOnly);
  const cursor = scan.open(filtered.table, {
    colIds: run.colIds,
    from,
    to,
    descending: reading === 'newest',
  });
  let group: number | undefined;
  try {
    for (let block = cursor.next(); block !== undefined; block = cursor.next()) {
      const rows = finder.find(block);
      let units = rows.selection === undefined ? 0 : block.rows;
      if (rows.count > 0) {
        group ??= run.groupOf(filtered.table);
        units += run.addBlock(block, rows, group, origin);
        run.checkHeld();
      }
      if (slice.spend(units + BLOCK_UNITS)) yield undefined;
      if (reading !== undefined && rows.count > 0 && isSettled(run, block)) break;
    }
  } finally {
    cursor.close();
  }
}

/** Whether every call has found its row of this table in the block just read. */
function isSettled(run: AggregateRun, block: ScanBlock): boolean {
  for (const call of run.calls) {
    if (call.name === 'last_row' || call.input === TIME_INPUT) continue;
    const stats = block.stats(call.input);
    if (
      stats !== undefined
        ? stats.nullCount >= block.rows
        : !hasValue(inputOf(call, block), block.rows)
    ) {
      return false;
    }
  }
  return true;
}

function hasValue(vector: Vector, rows: number): boolean {
  for (let i = 0; i < rows; i++) if (!isNull(vector, i)) return true;
  return false;
}
