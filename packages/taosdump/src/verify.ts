/** Holds files against the manifest (`--check`), and the cluster's tables as well (`--verify`). */
import path from 'node:path';
import type { ClusterClient } from '@tdnode/rpc';
import type { VerifyCommand } from './arguments.ts';
import { DumpError } from './dump-error.ts';
import { DumpFolder, type FileRecord, type Manifest } from './format/manifest.ts';
import { TableDigest } from './format/table-digest.ts';
import { openDump, recordsOf } from './in/dump-in.ts';
import { checkedSpans } from './in/restore-rows.ts';
import { schemaOf } from './in/schema-of.ts';
import { totalsOf } from './out/dump-out.ts';
import { childTables } from './out/table-rows.ts';
import { unitRows } from './out/unit-rows.ts';
import { Progress } from './report/progress.ts';
import type { Totals } from './report/result-file.ts';
import { runWorkers } from './workers.ts';

/** What was found. */
export interface Verification {
  readonly totals: Totals;
  /** Sentences; empty: all is equal. */
  readonly differences: readonly string[];
}

/** Does all of it; without `client` files only. */
export async function verify(
  command: VerifyCommand,
  client: ClusterClient | undefined,
): Promise<Verification> {
  const folder = new DumpFolder(command.folder);
  const manifest = openDump(folder, command.databases);
  const records = recordsOf(folder, manifest);
  const progress = new Progress(command.kind, records.length);
  const differences: string[] = [];
  const isParquet = manifest.scope.format === 'parquet';
  await runWorkers(command.threads, records, async (record, worker) => {
    if (isParquet || record.kind === 'tags') {
      differences.push(...(await checkFile(folder, manifest, record)));
    }
    if (client !== undefined) {
      const comparing = { client, manifest, progress, turn: worker };
      differences.push(...(await compare(record, comparing)));
    }
    progress.addFile();
  });
  progress.stop();
  return { totals: totalsOf(manifest.databases, records), differences };
}

async function checkFile(
  folder: DumpFolder,
  manifest: Manifest,
  record: FileRecord,
): Promise<readonly string[]> {
  const { columns, tags } = schemaOf(manifest, record);
  const wanted = record.kind === 'tags' ? tags : columns;
  try {
    // Drawn to its end, it has compared everything.
    for await (const _ of checkedSpans(path.join(folder.path, record.file), wanted, record));
    return [];
  } catch (error) {
    if (error instanceof DumpError) return [error.message];
    throw error;
  }
}

interface Comparing {
  readonly client: ClusterClient;
  readonly manifest: Manifest;
  readonly progress: Progress;
  readonly turn: number;
}

function compare(record: FileRecord, comparing: Comparing): Promise<readonly string[]> {
  return record.kind === 'tags' ? compareTags(record, comparing) : compareRows(record, comparing);
}

async function compareTags(
  record: FileRecord,
  { client, manifest }: Comparing,
): Promise<readonly string[]> {
  const schema = schemaOf(manifest, record);
  const found = new Map<string, string>();
  for await (const { names, tags } of childTables(client, record.db, schema)) {
    names.forEach((name, i) => {
      const digest = new TableDigest(tags.length);
      digest.add(tags, i, i + 1);
      found.set(name, digest.hex());
    });
  }
  return record.tables.flatMap(({ name, crc }) => {
    const there = found.get(name);
    if (there === crc) return [];
    return there === undefined
      ? [`${record.db}.${name} is not there`]
      : [`the tags of ${record.db}.${name} are others`];
  });
}

async function compareRows(
  record: FileRecord,
  { client, manifest, progress, turn }: Comparing,
): Promise<readonly string[]> {
  const schema = schemaOf(manifest, record);
  const tables = record.tables.map(({ name }) => name);
  const digests = new Map(tables.map((name) => [name, new TableDigest(schema.columns.length)]));
  const gone = new Set<string>();
  const query = { db: record.db, schema, tables, scope: manifest.scope };
  const onGone = (table: string): void => void gone.add(table);
  for await (const rows of unitRows(client, query, { turn, onGone })) {
    digests.get(rows.table)!.add(rows.columns, 0, rows.count);
    progress.addRows(rows.count);
  }
  return record.tables.flatMap(({ name, rows, crc }) => {
    const digest = digests.get(name)!;
    if (gone.has(name)) return [`${record.db}.${name} is not there`];
    if (digest.rows !== rows)
      return [`${record.db}.${name} has ${digest.rows} rows, it had ${rows}`];
    return digest.hex() === crc ? [] : [`the rows of ${record.db}.${name} are others`];
  });
}
