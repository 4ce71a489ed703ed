/**
 * A table's rows from the cluster, in the order of their times. One select of one table reads from one cursor, which sees
 * the rows that were there when it was opened and no later ones: what comes is the table at one moment.
 */
import { ErrorCode, TaosError } from '@tdnode/common';
import type { ClusterClient } from '@tdnode/rpc';
import { DumpError } from '../dump-error.ts';
import { cellsOf, type Cell, type ColumnDef } from '../format/cell.ts';
import type { DumpScope } from '../format/manifest.ts';

/** Rows of a table as columns of cells. */
export interface Rows {
  readonly count: number;
  readonly columns: readonly (readonly Cell[])[];
}

/** What is read of each table. */
export interface TableQuery {
  readonly db: string;
  readonly table: string;
  readonly columns: readonly ColumnDef[];
  readonly scope: Pick<DumpScope, 'from' | 'to'>;
}

/** Asks for the rows; yields a batch a time. `turn` chooses the dnode. */
export async function* tableRows(
  client: ClusterClient,
  { db, table, columns, scope }: TableQuery,
  turn: number,
): AsyncGenerator<Rows> {
  const conditions = timeConditions(columns[0]!.name, scope);
  const sql = `select * from ${db}.${table}${conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`}`;
  const answer = await client.execute(sql, { turn });
  if (answer.kind !== 'rows') throw new DumpError(`${sql} was answered without rows`);
  const names = answer.columns.map(({ name }) => name);
  if (columns.some(({ name }, i) => names[i] !== name) || names.length !== columns.length) {
    throw new DumpError(
      `the columns of ${db}.${table} are ${names.join(', ')}, they were ${columns.map(({ name }) => name).join(', ')} ` +
        'when the dump began; begin another one',
    );
  }
  for await (const batch of answer.batches) {
    yield { count: batch.rows, columns: cellsOf(batch, columns) };
  }
}

/** Child tables of a stable with their tags. */
export async function* childTables(
  client: ClusterClient,
  db: string,
  { name, tags }: { readonly name: string; readonly tags: readonly ColumnDef[] },
): AsyncGenerator<{ readonly names: readonly string[]; readonly tags: readonly Cell[][] }> {
  const words = ['tbname', ...tags.map((tag) => tag.name)].join(', ');
  const answer = await client.execute(`select ${words} from ${db}.${name}`);
  if (answer.kind !== 'rows') return;
  const decoder = new TextDecoder();
  for await (const batch of answer.batches) {
    const cells = cellsOf(batch, [
      { name: 'tbname', type: answer.columns[0]!.type, bytes: 0 },
      ...tags,
    ]);
    yield {
      names: cells[0]!.map((one) => decoder.decode(one as Uint8Array)),
      tags: cells.slice(1),
    };
  }
}

/** Whether an error says that the table is gone. */
export function isGone(error: unknown): boolean {
  return (
    error instanceof TaosError &&
    (error.code === ErrorCode.MND_INVALID_TABLE_NAME ||
      error.code === ErrorCode.TSC_INVALID_TABLE_NAME)
  );
}

/** The bounds of a dump as conditions on the time column. */
export function timeConditions(
  time: string,
  { from, to }: Pick<DumpScope, 'from' | 'to'>,
): readonly string[] {
  return [
    ...(from === undefined ? [] : [`${time} >= ${literal(from)}`]),
    ...(to === undefined ? [] : [`${time} <= ${literal(to)}`]),
  ];
}

function literal(time: string): string {
  return /^-?\d+$/.test(time) ? time : `'${time.replaceAll("'", '')}'`;
}
