/** Running fragments that need no rows: tags and names of tables, and counts of tables. */
import { encodeBatch } from '@tdnode/common';
import type { Vector } from '@tdnode/common';
import type { CountTablesFragment, TagsFragment } from '../plan/fragment.ts';
import { Projector } from '../operators/project.ts';
import type { Scan, ScanTable } from '../scan.ts';
import { checkBudget } from './budget.ts';
import { Slice } from './slice.ts';
import { orderedTables, tablesOfFragment } from './table-list.ts';

/** Yields one row a table (or a different value), or undefined at the end of a slice. */
export function* runTags(fragment: TagsFragment, scan: Scan): Generator<Uint8Array | undefined> {
  const slice = new Slice();
  const projector = new Projector(fragment.outputs, []);
  const seen = fragment.distinct ? new Set<string>() : undefined;
  let left = fragment.limit ?? Infinity;
  for (const { table } of orderedTables(fragment, scan)) {
    if (left <= 0) break;
    if (slice.spend(64)) yield undefined;
    if (seen !== undefined) {
      const key = keyOf(fragment, table);
      if (key === undefined || seen.has(key)) continue;
      seen.add(key);
      checkBudget(seen.size * 64, fragment.memoryBudgetBytes);
    }
    projector.append(ONE_ROW, [], projector.valuesOf(table));
    left--;
    if (projector.room === 0) yield projector.take();
  }
  if (projector.rows > 0) yield projector.take();
}

const ONE_ROW = { selection: undefined, from: 0, to: 1 };

/** The single output's value as a key; undefined for NULL, which is left out. */
function keyOf(fragment: TagsFragment, table: ScanTable): string | undefined {
  const output = fragment.outputs[0]!;
  if (output.kind === 'tbname') return table.name;
  if (output.kind !== 'tag') return '';
  const value = table.tag(output.colId);
  if (value === null) return undefined;
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
}

/** Yields one row: the number of tables, once a function. */
export function* runCountTables(
  fragment: CountTablesFragment,
  scan: Scan,
): Generator<Uint8Array | undefined> {
  const slice = new Slice();
  let count = 0;
  if (fragment.filter === undefined && fragment.tables.kind === 'children') {
    count = scan.childTableCount(fragment.tables.stableUid);
  } else {
    for (const _ of tablesOfFragment(fragment, scan)) {
      count++;
      if (slice.spend(64)) yield undefined;
    }
  }
  const column: Vector = { kind: 'f64', data: new Float64Array([count]), nullCount: 0 };
  yield encodeBatch({ rows: 1, columns: Array.from({ length: fragment.functions }, () => column) });
}
