/**
 * The rows of a file's tables, table after table. Small child tables are asked for together, since a statement costs more than
 * their rows; large ones one by one. Either way each table is read by one cursor, and so at one moment.
 */
import { answerRows, type ClusterClient } from '@tdnode/rpc';
import { SqlType } from '@tdnode/common';
import { cellsOf, type Cell, type ColumnDef } from '../format/cell.ts';
import type { DumpScope, TableSchemaDef } from '../format/manifest.ts';
import { isGone, tableRows, timeConditions } from './table-rows.ts';

/** Tables with so many rows or fewer are small. */
const SMALL_ROWS = 2_000;
/** What is asked for together is held in memory: so many rows, and fewer where rows are wide. */
const ROWS_TOGETHER = 100_000;
const BYTES_TOGETHER = 32 << 20;
/** UTF-8 bytes of a character. */
const CHARACTER_BYTES = 4;
/** Names in one statement: 200 KB at their longest. The server looks at each table's name for each statement, so that few are better. */
const TABLES_TOGETHER = 1000;

/** What is read of which tables. */
export interface UnitQuery {
  readonly db: string;
  readonly schema: TableSchemaDef;
  readonly tables: readonly string[];
  readonly scope: Pick<DumpScope, 'from' | 'to'>;
}

/** Some rows of a table; all rows of a table come before those of the next. */
export interface TableRows {
  readonly table: string;
  readonly count: number;
  readonly columns: readonly (readonly Cell[])[];
}

/** Tables are left out that are gone, after `onGone` was told. */
export async function* unitRows(
  client: ClusterClient,
  query: UnitQuery,
  { turn, onGone }: { readonly turn: number; readonly onGone: (table: string) => void },
): AsyncGenerator<TableRows> {
  const { db, schema, scope, tables } = query;
  const { columns } = schema;
  const isAlone = schema.kind === 'normal' || tables.length === 1;
  const { together, alone } = isAlone
    ? { together: [], alone: tables }
    : bySize(tables, await rowCounts(client, query, turn), rowsTogetherMost(columns));
  for (const group of together) yield* rowsTogether(client, { ...query, tables: group }, turn);
  for (const table of alone) {
    try {
      for await (const rows of tableRows(client, { db, table, columns, scope }, turn)) {
        yield { table, ...rows };
      }
    } catch (error) {
      if (!isGone(error)) throw error;
      onGone(table);
    }
  }
}

/** Groups of small tables, and those that are read one by one. */
export function bySize(
  tables: readonly string[],
  counts: ReadonlyMap<string, number>,
  rowsMost: number,
): { readonly together: readonly (readonly string[])[]; readonly alone: readonly string[] } {
  const together: string[][] = [];
  const alone: string[] = [];
  let rows = 0;
  for (const table of tables) {
    const count = counts.get(table) ?? 0;
    if (count > Math.min(SMALL_ROWS, rowsMost)) {
      alone.push(table);
      continue;
    }
    const group = together.at(-1);
    if (group !== undefined && group.length < TABLES_TOGETHER && rows + count <= rowsMost) {
      group.push(table);
      rows += count;
    } else {
      together.push([table]);
      rows = count;
    }
  }
  return { together, alone };
}

/** Rows that are held in memory at a time, by their declared width. */
function rowsTogetherMost(columns: readonly ColumnDef[]): number {
  const width = columns.reduce(
    (sum, { type, bytes }) => sum + (type === SqlType.NCHAR ? CHARACTER_BYTES * bytes : bytes),
    0,
  );
  return Math.min(ROWS_TOGETHER, Math.floor(BYTES_TOGETHER / width));
}

/** Rows of each table that has some, as far as the metadata and statistics know. */
async function rowCounts(
  client: ClusterClient,
  query: UnitQuery,
  turn: number,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let from = 0; from < query.tables.length; from += TABLES_TOGETHER) {
    const tables = query.tables.slice(from, from + TABLES_TOGETHER);
    const sql = `select count(*) from ${where({ ...query, tables })} group by tbname`;
    const { rows } = await answerRows(await client.execute(sql, { turn }));
    for (const [count, table] of rows) counts.set(String(table), Number(count));
  }
  return counts;
}

/** All rows of small tables, brought together table by table. */
async function* rowsTogether(
  client: ClusterClient,
  query: UnitQuery,
  turn: number,
): AsyncGenerator<TableRows> {
  const { columns } = query.schema;
  const names = columns.map(({ name }) => name).join(', ');
  const sql = `select tbname, ${names} from ${where(query)}`;
  const answer = await client.execute(sql, { turn });
  if (answer.kind !== 'rows') return;
  const found = new Map<string, Cell[][]>();
  const wanted = [{ name: 'tbname', type: SqlType.BINARY, bytes: 0 }, ...columns];
  for await (const batch of answer.batches) {
    sortInto(found, cellsOf(batch, wanted), columns);
  }
  for (const [table, cells] of found) yield { table, count: cells[0]!.length, columns: cells };
}

const decoder = new TextDecoder();

/** Adds rows to their tables; the first column of `cells` names them. */
function sortInto(
  found: Map<string, Cell[][]>,
  [names, ...cells]: readonly (readonly Cell[])[],
  columns: readonly ColumnDef[],
): void {
  names!.forEach((name, i) => {
    const table = decoder.decode(name as Uint8Array);
    let into = found.get(table);
    if (into === undefined) found.set(table, (into = columns.map(() => [])));
    for (let c = 0; c < into.length; c++) into[c]!.push(cells[c]![i]!);
  });
}

function where({ db, schema, tables, scope }: UnitQuery): string {
  const names = tables.map((name) => `'${name}'`).join(',');
  const conditions = [`tbname in (${names})`, ...timeConditions(schema.columns[0]!.name, scope)];
  return `${db}.${schema.name} where ${conditions.join(' and ')}`;
}
