/**
 * Looks at all files of a vnode without opening it: configuration, log, meta log, manifest, segments.
 * docs/recovery.md says what each finding means and what opening the vnode would do.
 */
import {
  CorruptionError,
  ticksOfStored,
  TimestampFormatter,
  timeZone,
  type FileFinding,
  type FileSystem,
  type Precision,
} from '@tdnode/common';
import { decodeChanges, type Change } from '@tdnode/rpc';
import { checkStore, type AffectedRows, type StoreDamage, type StoreFileCheck } from '@tdnode/tsdb';
import { checkLog, firstLogVersion, logFindings, visitSound } from '@tdnode/wal';
import { readConfig } from '../engine/vnode-folder.ts';
import { MetaLoader } from '../meta/meta-loader.ts';
import { firstInFolder } from '../meta/meta-store.ts';
import type { Meta } from '../meta/meta.ts';
import { RecordType } from '../record-type.ts';
import { lostLog, lostManifest } from './lost-files.ts';

/** All rows of the vnode in `folder`; `onFile` is told of every file of the store before it is read. */
export function checkVnode(
  fs: FileSystem,
  folder: string,
  vgId: number,
  onFile?: (file: string) => void,
): FileFinding[] {
  const config = readConfig(fs, folder, vgId);
  const findings: FileFinding[] = [
    configFinding(fs, folder, config instanceof CorruptionError ? config : undefined),
  ];
  const missing = lostManifest(fs, folder);
  const store = fs.exists(`${folder}/tsdb`)
    ? checkStore(fs, `${folder}/tsdb`, onFile)
    : { files: [], committedVersion: 0 };
  const logFirst = fs.exists(`${folder}/wal`) ? firstLogVersion(fs, `${folder}/wal`) : undefined;
  const committed =
    missing === undefined ? (store.committedVersion ?? (logFirst ?? 1) - 1) : (logFirst ?? 1) - 1;
  const gone = lostLog(fs, folder, committed);
  if (gone !== undefined) findings.push(findingOf('log', gone, `every version after ${committed}`));
  else if (logFirst !== undefined)
    findings.push(...logFindings(checkLog(fs, `${folder}/wal`, committed), 'log'));
  const meta = readMeta(fs, folder);
  findings.push(...metaFindings(fs, folder, meta, committed));
  if (missing !== undefined) findings.push(findingOf('manifest', missing, 'all rows in files'));
  const names = new Rows(
    meta.loader.meta,
    config instanceof CorruptionError ? 'ms' : config.options.precision,
  );
  for (const file of store.files) findings.push(...storeFindings(file, names));
  return findings;
}

/** The meta log as far as it can be read. */
export interface MetaRead {
  readonly loader: MetaLoader;
  /** What is sound by its checksums and still makes no sense. */
  readonly error: CorruptionError | undefined;
}

/** Reads `meta/` up to its first bad place; changes nothing. */
export function readMeta(fs: FileSystem, folder: string): MetaRead {
  const path = `${folder}/meta`;
  const loader = new MetaLoader(path);
  try {
    if (fs.exists(path)) visitSound(fs, path, (record) => loader.add(record));
    return { loader, error: undefined };
  } catch (error) {
    if (error instanceof CorruptionError) return { loader, error };
    throw error;
  }
}

/** The highest uid that a vnode knows of a table or a stable; 0 when it knows none. */
export function highestUid(fs: FileSystem, folder: string): number {
  const { meta } = readMeta(fs, folder).loader;
  let highest = 0;
  for (const { uid } of meta.schemas()) highest = Math.max(highest, uid);
  for (let tid = 1; tid < meta.tables.end; tid++) {
    if (meta.tables.has(tid)) highest = Math.max(highest, meta.tables.uid(tid));
  }
  if (fs.exists(`${folder}/wal`)) {
    visitSound(fs, `${folder}/wal`, ({ type, payload }) => {
      if (type === RecordType.change)
        highest = Math.max(highest, ...decodeChanges(payload).flatMap(uidsOf));
    });
  }
  return highest;
}

function uidsOf(change: Change): number[] {
  if (change.kind === 'putSchema') return [change.uid];
  return change.kind === 'createTables' ? change.tables.map(({ uid }) => uid) : [];
}

/** Rows as text: which tables, from when to when. */
export class Rows {
  readonly #meta: Meta;
  readonly #precision: Precision;

  constructor(meta: Meta, precision: Precision) {
    this.#meta = meta;
    this.#precision = precision;
  }

  text({ tidFirst, tidLast, tsFirst, tsLast, rows }: AffectedRows): string {
    const tables =
      tidFirst === tidLast
        ? `table ${this.#name(tidFirst)}`
        : `tables ${this.#name(tidFirst)} to ${this.#name(tidLast)}`;
    return `${tables}, ${rows} rows from ${this.#time(tsFirst)} to ${this.#time(tsLast)}`;
  }

  #name(tid: number): string {
    return this.#meta.tables.has(tid) ? this.#meta.name(tid) : `#${tid}`;
  }

  #time(ticks: number): string {
    const bytes = new Uint8Array(64);
    const formatter = new TimestampFormatter(timeZone('UTC'), this.#precision, 'utc');
    const end = formatter.writeWide(bytes, 0, ticksOfStored(ticks));
    return new TextDecoder().decode(bytes.subarray(0, end));
  }
}

/** What a bad place of the store holds, as text. */
export function storeLossText({ affected }: StoreDamage, names: Rows): string {
  return affected === undefined ? 'unknown rows' : names.text(affected);
}

function storeFindings({ file, bytes, damage }: StoreFileCheck, names: Rows): FileFinding[] {
  const part = file.endsWith('.seg') ? 'segment' : 'manifest';
  if (damage.length === 0)
    return [{ part, file, bytes, state: 'ok', offset: 0, what: '', affected: '' }];
  return damage.map((one) => {
    const affected = part === 'manifest' ? 'all rows in files' : storeLossText(one, names);
    return { part, file, bytes, state: 'damaged', offset: one.offset, what: one.what, affected };
  });
}

function configFinding(
  fs: FileSystem,
  folder: string,
  damage: CorruptionError | undefined,
): FileFinding {
  if (damage !== undefined) return findingOf('config', damage, 'the whole vnode');
  const file = `${folder}/config.json`;
  return {
    part: 'config',
    file,
    bytes: fs.readFile(file).length,
    state: 'ok',
    offset: 0,
    what: '',
    affected: '',
  };
}

/** Rows of the meta log's files, and what they lack of the store. */
function metaFindings(
  fs: FileSystem,
  folder: string,
  meta: MetaRead,
  committed: number,
): FileFinding[] {
  const path = `${folder}/meta`;
  if (!fs.exists(path)) return [];
  const findings = logFindings(checkLog(fs, path, firstInFolder(fs, path)), 'meta').map(
    (finding) => {
      const affected =
        finding.state === 'damaged'
          ? `changes of tables after version ${meta.loader.version}`
          : finding.affected;
      return { ...finding, affected };
    },
  );
  if (meta.error !== undefined) findings.push(findingOf('meta', meta.error, 'tables and tags'));
  else if (meta.loader.version < committed) {
    const what = `changes after version ${meta.loader.version} are missing`;
    findings.push(
      findingOf(
        'meta',
        new CorruptionError(path, 0, what),
        `tables made in ${meta.loader.version + 1} to ${committed}`,
      ),
    );
  }
  return findings;
}

function findingOf(
  part: string,
  { file, offset, what }: CorruptionError,
  affected: string,
): FileFinding {
  return { part, file, bytes: 0, state: 'damaged', offset, what, affected };
}
