/** A dump in: the statements of `dbs.sql`, child tables with their tags, rows. Whatever is done twice stays the same. */
import * as fs from 'node:fs';
import path from 'node:path';
import type { ClusterClient } from '@tdnode/rpc';
import type { InCommand } from '../arguments.ts';
import { DumpError } from '../dump-error.ts';
import { DumpFolder, type FileRecord, type Manifest } from '../format/manifest.ts';
import { totalsOf } from '../out/dump-out.ts';
import { Progress } from '../report/progress.ts';
import type { Totals } from '../report/result-file.ts';
import { runWorkers } from '../workers.ts';
import { restoreRows } from './restore-rows.ts';
import { restoreTags } from './restore-tags.ts';

/** What a dump in stands on. */
export interface InRun {
  readonly client: ClusterClient;
  readonly command: InCommand;
  readonly folder: DumpFolder;
  readonly manifest: Manifest;
  readonly progress: Progress;
}

/** A dump that is whole, for reading; throws DumpError. */
export function openDump(folder: DumpFolder, databases: readonly string[] | undefined): Manifest {
  const manifest = folder.readManifest();
  if (manifest === undefined) throw new DumpError(`${folder.path} holds no dump: no manifest.json`);
  if (manifest.ended === undefined) {
    throw new DumpError(`the dump in ${folder.path} is not whole; give its command again to go on`);
  }
  for (const name of databases ?? []) {
    if (manifest.databases.some((one) => one.name === name)) continue;
    throw new DumpError(`${folder.path} holds no database ${name}`);
  }
  const wanted = manifest.databases.filter(({ name }) => databases?.includes(name) ?? true);
  return { ...manifest, databases: wanted };
}

/** Files of the databases that are wanted. */
export function recordsOf(folder: DumpFolder, { databases }: Manifest): readonly FileRecord[] {
  const names = new Set(databases.map(({ name }) => name));
  return folder.readProgress().filter(({ db }) => names.has(db));
}

/** Does all of it, or what is left of it. */
export async function dumpIn(client: ClusterClient, command: InCommand): Promise<Totals> {
  const folder = new DumpFolder(command.folder);
  const manifest = openDump(folder, command.databases);
  if (manifest.scope.format === 'csv') {
    throw new DumpError(
      `${folder.path} holds CSV files, which are for other programs; dump without --csv`,
    );
  }
  const records = recordsOf(folder, manifest);
  const state = new RestoreState(command);
  await createSchema(client, folder, manifest);
  const rows = records.filter(({ kind, file }) => kind === 'rows' && !state.isDone(file));
  const progress = new Progress('dump in', rows.length);
  const run: InRun = { client, command, folder, manifest, progress };
  const tags = records.filter(({ kind }) => kind === 'tags');
  for (const record of tags) await restoreTags(record, run);
  const wanted = command.schemaOnly ? [] : rows;
  await runWorkers(command.threads, wanted, async (record, worker) => {
    await restoreRows(record, run, worker);
    state.add(record.file);
    progress.addFile();
  });
  progress.stop();
  return totalsOf(manifest.databases, [...tags, ...wanted]);
}

/** Runs `dbs.sql`, which may have been edited: a line a statement, those of databases that are wanted. */
async function createSchema(
  client: ClusterClient,
  folder: DumpFolder,
  { databases }: Manifest,
): Promise<void> {
  const file = path.join(folder.path, 'dbs.sql');
  if (!fs.existsSync(file)) throw new DumpError(`${file} is not there`);
  const names = new Set(databases.map(({ name }) => name));
  for (const line of fs.readFileSync(file, 'utf8').split(/\r?\n/)) {
    const sql = line.trim().replace(/;$/, '');
    if (sql === '' || /^(#|--)/.test(sql)) continue;
    const [, db] = /^create (?:database|table) if not exists ([a-z0-9_]+)/i.exec(sql) ?? [];
    if (db === undefined || names.has(db.toLowerCase())) await client.execute(sql);
  }
}

/** Which files are restored already, a line each; it belongs to one cluster, whose first end point is in its name. */
class RestoreState {
  readonly #file: string;
  readonly #done: ReadonlySet<string>;

  constructor({ folder, stateFile, connection: { host, port } }: InCommand) {
    this.#file =
      stateFile ?? path.join(folder, `restored-${host.replaceAll(/[^\w.-]/g, '_')}-${port}`);
    const text = fs.existsSync(this.#file) ? fs.readFileSync(this.#file, 'utf8') : '';
    this.#done = new Set(text.split('\n').slice(0, -1));
  }

  isDone(file: string): boolean {
    return this.#done.has(file);
  }

  add(file: string): void {
    fs.appendFileSync(this.#file, `${file}\n`, { flush: true });
  }
}
