/** The child tables of a stable and their tags, as a file of their own. */
import type { ClusterClient } from '@tdnode/rpc';
import { DataFile } from '../format/parquet-writer.ts';
import { readDataFile } from '../format/parquet-reader.ts';
import type {
  DatabaseDef,
  DumpFolder,
  DumpScope,
  Manifest,
  TableRecord,
  TableSchemaDef,
} from '../format/manifest.ts';
import { TableDigest } from '../format/table-digest.ts';
import { tagsFile } from './plan-units.ts';
import { childTables } from './table-rows.ts';

/** What these functions stand on. */
export interface TagsRun {
  readonly client: ClusterClient;
  readonly folder: DumpFolder;
  readonly manifest: Manifest;
}

/** The child tables of a file that is whole; undefined: there is none yet. */
export async function knownChildren(
  { folder }: TagsRun,
  { name: db }: DatabaseDef,
  { name, tags }: TableSchemaDef,
): Promise<readonly string[] | undefined> {
  const file = tagsFile(db, name);
  if (!folder.readProgress().some((record) => record.file === file)) return undefined;
  const names: string[] = [];
  for await (const group of readDataFile(folder.place(file), tags)) names.push(...group.names);
  return names;
}

/** Writes the file; returns the names of the child tables. */
export async function dumpTags(
  { client, folder, manifest }: TagsRun,
  database: DatabaseDef,
  schema: TableSchemaDef,
): Promise<readonly string[]> {
  const file = tagsFile(database.name, schema.name);
  const out = new DataFile({
    path: folder.place(file),
    columns: schema.tags,
    precision: database.precision,
    requiredAt: -1,
    notes: { 'tdnode.db': database.name, 'tdnode.stable': schema.name },
  });
  const tables: TableRecord[] = [];
  try {
    for await (const { names, tags } of childTables(client, database.name, schema)) {
      names.forEach((name, i) => {
        if (!isAsked(name, schema.name, manifest.scope)) return;
        const row = tags.map((cells) => [cells[i]!]);
        out.add(name, row, 1);
        const digest = new TableDigest(schema.tags.length);
        digest.add(row, 0, 1);
        tables.push({ name, rows: 1, crc: digest.hex() });
      });
    }
  } catch (error) {
    out.abandon();
    throw error;
  }
  const bytes = out.finish();
  folder.addProgress({
    file,
    db: database.name,
    schema: schema.name,
    kind: 'tags',
    bytes,
    tables,
  });
  return tables.map(({ name }) => name);
}

/** Of a stable that is named all child tables are asked for. */
function isAsked(table: string, stable: string, { tables }: DumpScope): boolean {
  return tables === undefined || tables.includes(stable) || tables.includes(table);
}
