/** The tables a SELECT names, for whoever fetches their metadata. */
import type { SelectStatement } from '@tdnode/sql';

export interface TableName {
  /** Undefined: the session's database. */
  readonly db: string | undefined;
  readonly name: string;
}

/** Every table once, those of nested selects included. */
export function tablesOf(select: SelectStatement): TableName[] {
  const found = new Map<string, TableName>();
  collect(select, found);
  return [...found.values()];
}

function collect(select: SelectStatement, found: Map<string, TableName>): void {
  for (const branch of select.branches) {
    for (const item of branch.from) {
      if (item.kind === 'subquery') collect(item.select, found);
      else found.set(`${item.db ?? ''}.${item.name}`, { db: item.db, name: item.name });
    }
  }
}
