/** Running a rows fragment table by table: unordered, ordered by table name, or one table in time order. */
import type { TagValue } from '@tdnode/common';
import type { RowsFragment } from '../plan/fragment.ts';
import { BlockRowsFinder } from '../operators/block-rows.ts';
import type { WantedRows } from '../operators/block-rows.ts';
import { Projector } from '../operators/project.ts';
import type { Scan, ScanBlock } from '../scan.ts';
import { Slice } from './slice.ts';
import { orderedTables } from './table-list.ts';
import type { FilteredTable } from './table-list.ts';

interface Run {
  readonly fragment: RowsFragment;
  readonly projector: Projector;
  readonly slice: Slice;
  /** Rows still wanted. */
  left: number;
}

/** Yields encoded batches, or undefined at the end of a slice. */
export function* runRows(fragment: RowsFragment, scan: Scan): Generator<Uint8Array | undefined> {
  const run: Run = {
    fragment,
    projector: new Projector(fragment.outputs, fragment.scan.columns),
    slice: new Slice(),
    left: fragment.limit ?? Infinity,
  };
  for (const table of orderedTables(fragment, scan)) {
    if (run.left <= 0) break;
    yield* runTable(run, table, scan);
  }
  if (run.projector.rows > 0) yield run.projector.take();
}

function* runTable(
  run: Run,
  filtered: FilteredTable,
  scan: Scan,
): Generator<Uint8Array | undefined> {
  const { fragment, projector, slice } = run;
  const { columns, from, to } = fragment.scan;
  const colIds = columns.map((column) => column.colId);
  const descending = fragment.descending && fragment.order !== 'name';
  const finder = new BlockRowsFinder(fragment.scan, filtered.condition);
  const cursor = scan.open(filtered.table, { colIds, from, to, descending });
  const values = projector.valuesOf(filtered.table);
  try {
    for (let block = cursor.next(); block !== undefined && run.left > 0; block = cursor.next()) {
      const rows = finder.find(block);
      if (rows.count > 0) yield* appendRows(run, block, { ...rows, descending }, values);
      if (slice.spend(block.rows * (columns.length + 1))) yield undefined;
    }
  } finally {
    cursor.close();
  }
}

function* appendRows(
  run: Run,
  block: ScanBlock,
  rows: WantedRows & { readonly descending: boolean },
  values: readonly TagValue[],
): Generator<Uint8Array | undefined> {
  const { projector } = run;
  const vectors = projector.vectorsOf(block, rows.from, rows.to);
  const selection = rows.descending ? reversed(rows) : rows.selection;
  const base = selection === undefined ? rows.from : 0;
  let at = 0;
  while (at < rows.count && run.left > 0) {
    const take = Math.min(projector.room, rows.count - at, run.left);
    projector.append({ selection, from: base + at, to: base + at + take }, vectors, values);
    at += take;
    run.left -= take;
    if (projector.room === 0) yield projector.take();
  }
}

/** The wanted rows, last first. */
function reversed(rows: WantedRows): Uint32Array {
  const { count, from, selection } = rows;
  const backward = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    backward[count - 1 - i] = selection === undefined ? from + i : selection[i]!;
  }
  return backward;
}
