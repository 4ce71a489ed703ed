/** A dump out: schema, tags, rows; each file by one worker, whole or not there. */
import * as fs from 'node:fs';
import { answerRows, type ClusterClient } from '@tdnode/rpc';
import type { OutCommand } from '../arguments.ts';
import { readCatalog } from '../catalog/read-catalog.ts';
import { schemaSql } from '../catalog/schema-sql.ts';
import { DumpError } from '../dump-error.ts';
import {
  DUMP_VERSION,
  DumpFolder,
  type DatabaseDef,
  type DumpScope,
  type FileRecord,
  type Manifest,
} from '../format/manifest.ts';
import { Progress } from '../report/progress.ts';
import type { Totals } from '../report/result-file.ts';
import { runWorkers } from '../workers.ts';
import { dumpTags, knownChildren } from './dump-tags.ts';
import { dumpUnit } from './dump-unit.ts';
import { planUnits, type Unit } from './plan-units.ts';

/** What a dump out stands on. */
export interface OutRun {
  readonly client: ClusterClient;
  readonly command: OutCommand;
  readonly folder: DumpFolder;
  readonly manifest: Manifest;
  readonly progress: Progress;
  readonly say: (line: string) => void;
}

/** Does all of it, or what is left of it; returns what the folder holds then. */
export async function dumpOut(
  client: ClusterClient,
  command: OutCommand,
  say: (line: string) => void,
): Promise<Totals> {
  const folder = new DumpFolder(command.folder);
  const manifest = await beginOrGoOn(client, command, { folder, say });
  const done = new Set(folder.readProgress().map(({ file }) => file));
  const units: Unit[] = [];
  const tagsRun = { client, folder, manifest };
  for (const database of manifest.databases) {
    for (const schema of database.tables) {
      const children =
        schema.kind === 'normal'
          ? []
          : ((await knownChildren(tagsRun, database, schema)) ??
            (await dumpTags(tagsRun, database, schema)));
      units.push(...planUnits(database, schema, { children, scope: manifest.scope }));
    }
  }
  const left = command.schemaOnly ? [] : units.filter(({ file }) => !done.has(file));
  const progress = new Progress('dump out', left.length);
  const run: OutRun = { client, command, folder, manifest, progress, say };
  await runWorkers(command.threads, left, (unit, worker) => dumpUnit(unit, run, worker));
  progress.stop();
  folder.writeManifest({ ...manifest, ended: new Date().toISOString() });
  return totalsOf(manifest.databases, folder.readProgress());
}

async function beginOrGoOn(
  client: ClusterClient,
  command: OutCommand,
  { folder, say }: { readonly folder: DumpFolder; readonly say: (line: string) => void },
): Promise<Manifest> {
  const scope = scopeOf(command);
  const old = folder.readManifest();
  if (old?.ended !== undefined) {
    throw new DumpError(`${folder.path} holds a dump that is whole; name another folder`);
  }
  if (old !== undefined) {
    if (JSON.stringify(old.scope) !== JSON.stringify(scope)) {
      throw new DumpError(
        `${folder.path} holds a dump that was begun with other options; give the same ones to go on, or name another folder`,
      );
    }
    folder.repairProgress();
    say(`goes on with the dump of ${old.begun}`);
    return old;
  }
  const databases = await readCatalog(client, scope, command.withSystem);
  const manifest: Manifest = {
    version: DUMP_VERSION,
    server: await serverVersion(client),
    begun: new Date().toISOString(),
    ended: undefined,
    scope,
    databases,
  };
  fs.writeFileSync(folder.place('dbs.sql'), schemaSql(databases, command.withoutProperties));
  folder.writeManifest(manifest);
  return manifest;
}

async function serverVersion(client: ClusterClient): Promise<string> {
  const { rows } = await answerRows(await client.execute('select server_version()'));
  return String(rows[0]?.[0] ?? '');
}

function scopeOf(command: OutCommand): DumpScope {
  const { databases, tables, from, to, schemaOnly, withoutProperties } = command;
  const { tablesPerFile, format } = command;
  return { databases, tables, from, to, schemaOnly, withoutProperties, tablesPerFile, format };
}

/** What files hold. */
export function totalsOf(
  databases: readonly DatabaseDef[],
  records: readonly FileRecord[],
): Totals {
  const schemas = databases.flatMap(({ tables }) => tables);
  const count = (kind: 'rows' | 'tags', of: (record: FileRecord) => number): number =>
    records.filter((record) => record.kind === kind).reduce((sum, record) => sum + of(record), 0);
  return {
    databases: databases.length,
    stables: schemas.filter(({ kind }) => kind === 'stable').length,
    tables:
      schemas.filter(({ kind }) => kind === 'normal').length +
      count('tags', ({ tables }) => tables.length),
    rows: count('rows', ({ tables }) => tables.reduce((sum, { rows }) => sum + rows, 0)),
  };
}
