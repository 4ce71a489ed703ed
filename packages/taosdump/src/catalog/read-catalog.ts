/** Databases, stables and normal tables of a cluster, as `show` and `describe` tell them. */
import { SqlType, typeName, type Precision } from '@tdnode/common';
import { answerRows, type AnswerValue, type ClusterClient } from '@tdnode/rpc';
import { DumpError } from '../dump-error.ts';
import type { ColumnDef } from '../format/cell.ts';
import type { DatabaseDef, DumpScope, TableSchemaDef } from '../format/manifest.ts';

type Row = Readonly<Record<string, AnswerValue>>;

/** Heads of `show databases` and the words of `create database` that say the same. */
const OPTIONS: readonly (readonly [string, string])[] = [
  ['replica', 'replica'],
  ['quorum', 'quorum'],
  ['days', 'days'],
  ['keep0,keep1,keep(d)', 'keep'],
  ['cache(mb)', 'cache'],
  ['blocks', 'blocks'],
  ['minrows', 'minrows'],
  ['maxrows', 'maxrows'],
  ['wallevel', 'wal'],
  ['fsync', 'fsync'],
  ['comp', 'comp'],
  ['cachelast', 'cachelast'],
  ['precision', 'precision'],
  ['update', 'update'],
];

const typesByName = new Map(Object.values(SqlType).map((type) => [typeName(type), type]));

/** Reads what `scope` asks for; `withSystem`: the database `log` too. */
export async function readCatalog(
  client: ClusterClient,
  scope: DumpScope,
  withSystem: boolean,
): Promise<readonly DatabaseDef[]> {
  const all = await rowsOf(client, 'show databases');
  const names = all.map((row) => String(row['name']));
  for (const wanted of scope.databases ?? []) {
    if (!names.includes(wanted)) throw new DumpError(`there is no database ${wanted}`);
  }
  const databases: DatabaseDef[] = [];
  for (const row of all) {
    const name = String(row['name']);
    const isWanted = scope.databases?.includes(name) ?? (withSystem || name !== 'log');
    if (isWanted) databases.push(await readDatabase(client, row, scope));
  }
  return databases;
}

async function readDatabase(
  client: ClusterClient,
  row: Row,
  scope: DumpScope,
): Promise<DatabaseDef> {
  const name = String(row['name']);
  const stables = (await rowsOf(client, `show ${name}.stables`)).map((one) => String(one['name']));
  const tables = await rowsOf(client, `show ${name}.tables`);
  const wanted = wantedTables(name, scope, { stables, tables });
  const schemas: TableSchemaDef[] = [];
  for (const stable of wanted.stables) {
    schemas.push({ name: stable, kind: 'stable', ...(await describe(client, name, stable)) });
  }
  for (const table of wanted.normal) {
    schemas.push({ name: table, kind: 'normal', ...(await describe(client, name, table)) });
  }
  const precision = String(row['precision']) as Precision;
  return { name, precision, options: optionsOf(row), tables: schemas };
}

/** Stables and normal tables to be dumped, in the order of `show`. */
function wantedTables(
  db: string,
  { tables: asked }: DumpScope,
  { stables, tables }: { readonly stables: readonly string[]; readonly tables: readonly Row[] },
): { readonly stables: readonly string[]; readonly normal: readonly string[] } {
  const stableOf = new Map(
    tables.map((row) => [String(row['table_name']), String(row['stable_name'] ?? '')]),
  );
  const normal = [...stableOf].filter(([, stable]) => stable === '').map(([name]) => name);
  if (asked === undefined) return { stables, normal };
  for (const name of asked) {
    if (stables.includes(name) || stableOf.has(name)) continue;
    throw new DumpError(`there is no table ${name} in database ${db}`);
  }
  const isAsked = (stable: string): boolean =>
    asked.includes(stable) || asked.some((name) => stableOf.get(name) === stable);
  return {
    stables: stables.filter(isAsked),
    normal: normal.filter((name) => asked.includes(name)),
  };
}

function optionsOf(row: Row): readonly (readonly [string, string | number])[] {
  return OPTIONS.map(([head, word]) => {
    const value = row[head];
    if (value === undefined || value === null) throw new DumpError(`show databases lacks ${head}`);
    if (word === 'keep') return [word, Number(String(value).split(',').at(-1))] as const;
    return [word, typeof value === 'string' ? value : Number(value)] as const;
  });
}

async function describe(
  client: ClusterClient,
  db: string,
  table: string,
): Promise<Pick<TableSchemaDef, 'columns' | 'tags'>> {
  const columns: ColumnDef[] = [];
  const tags: ColumnDef[] = [];
  for (const row of await rowsOf(client, `describe ${db}.${table}`)) {
    const type = typesByName.get(String(row['type']));
    if (type === undefined) throw new DumpError(`${db}.${table}: unknown type ${row['type']}`);
    const column = { name: String(row['field']), type, bytes: Number(row['length']) };
    (row['note'] === 'TAG' ? tags : columns).push(column);
  }
  return { columns, tags };
}

/** Rows by their heads in lower case. */
async function rowsOf(client: ClusterClient, sql: string): Promise<readonly Row[]> {
  const { columns, rows } = await answerRows(await client.execute(sql));
  const heads = columns.map(({ name }) => name.toLowerCase());
  return rows.map((row) => Object.fromEntries(heads.map((head, i) => [head, row[i]!])));
}
