/** The tables a fragment runs over, with what is left of its filter for each. */
import type { Condition, Fragment, RowsFragment, TagsFragment } from '../plan/fragment.ts';
import { filterOfTable } from '../operators/tag-filter.ts';
import type { Scan, ScanTable } from '../scan.ts';
import { checkBudget } from './budget.ts';

/** A table whose tags pass, and the condition its rows must still meet (undefined: none). */
export interface FilteredTable {
  readonly table: ScanTable;
  readonly condition: Condition | undefined;
}

/** Tables of the fragment that its filter does not rule out, ascending by tid. */
export function* tablesOfFragment(fragment: Fragment, scan: Scan): Generator<FilteredTable> {
  for (const table of candidates(fragment, scan)) {
    const rest = filterOfTable(fragment.filter, table);
    if (rest === false) continue;
    yield { table, condition: rest === true ? undefined : rest };
  }
}

function candidates(fragment: Fragment, scan: Scan): Iterable<ScanTable> {
  const { tables } = fragment;
  if (tables.kind === 'children') return scan.childTables(tables.stableUid);
  const table = scan.table(tables.uid);
  return table === undefined ? [] : [table];
}

/** The same, in the order of names where the fragment asks for it. */
export function orderedTables(
  fragment: RowsFragment | TagsFragment,
  scan: Scan,
): Iterable<FilteredTable> {
  const tables = tablesOfFragment(fragment, scan);
  if (fragment.order !== 'name') return tables;
  const list = [...tables];
  checkBudget(list.length * 64, fragment.memoryBudgetBytes);
  const sign = fragment.descending ? -1 : 1;
  return list.sort((a, b) => sign * compareNames(a.table.name, b.table.name));
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
