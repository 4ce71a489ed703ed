/**
 * Makes a damaged vnode one that opens: docs/recovery.md. Order: configuration; store (its version decides what
 * the log is needed for); meta, with the help of the log as it still is; log; then the vnode is opened once,
 * which is the proof.
 */
import {
  CorruptionError,
  copyAside,
  setAside,
  silentLogger,
  systemClock,
  type FileSystem,
  type RepairReport,
} from '@tdnode/common';
import type { VnodeConfig } from '@tdnode/rpc';
import { hasReplica } from '@tdnode/sync';
import { repairStore, storeSummary, type KnownDelete } from '@tdnode/tsdb';
import { beginLog, firstLogVersion, repairLog, versionsText, visitSound } from '@tdnode/wal';
import { CONFIG, readConfig, writeConfigFile } from '../engine/vnode-folder.ts';
import { tidsOfDelete } from '../delete-rows.ts';
import type { MetaLoader } from '../meta/meta-loader.ts';
import { MetaStore, firstInFolder } from '../meta/meta-store.ts';
import { RecordType } from '../record-type.ts';
import { VNODE_FOLDERS, Vnode } from '../vnode.ts';
import { Rows, readMeta, storeLossText } from './check.ts';
import { lostLog } from './lost-files.ts';

/** What a repair has to work with. */
export interface VnodeToRepair {
  readonly fs: FileSystem;
  readonly folder: string;
  readonly vgId: number;
  /** What the mnode says of this vnode, where its own configuration cannot be read. */
  readonly configOfMnode: VnodeConfig | undefined;
}

/** A report that is being written. */
class Report implements RepairReport {
  readonly aside: string[] = [];
  readonly lost: string[] = [];
  readonly done: string[] = [];
  readonly failed: string[] = [];
}

const quiet = { clock: systemClock, logger: silentLogger };

/** See the head of this file. Changes nothing where nothing is damaged. */
export function repairVnode(vnode: VnodeToRepair): RepairReport {
  const { fs, folder } = vnode;
  const report = new Report();
  for (const name of VNODE_FOLDERS) fs.makeFolder(`${folder}/${name}`);
  const config = repairConfig(vnode, report);
  if (config === undefined) return report;
  try {
    mendStore(vnode, config, report);
    const { committedVersion, tidEnd } = storeSummary(fs, `${folder}/tsdb`);
    mendMeta(vnode, { committedVersion, tidEnd }, report);
    if (report.failed.length > 0) return report;
    mendLog(vnode, committedVersion, report);
    // A replica opens only where its dnode is known. What it has lost it gets from the others.
    if (hasReplica(fs, folder)) return report;
    Vnode.open({ fs, ...quiet }, folder, config).close();
  } catch (error) {
    if (!(error instanceof CorruptionError)) throw error;
    report.failed.push(error.message);
  }
  return report;
}

function repairConfig(
  { fs, folder, vgId, configOfMnode }: VnodeToRepair,
  report: Report,
): VnodeConfig | undefined {
  const config = readConfig(fs, folder, vgId);
  if (!(config instanceof CorruptionError)) return config;
  if (configOfMnode === undefined) {
    report.failed.push(`${config.message}, and the mnode does not know vgroup ${vgId}`);
    return undefined;
  }
  if (fs.exists(`${folder}/${CONFIG}`)) report.aside.push(copyAside(fs, `${folder}/${CONFIG}`));
  writeConfigFile(fs, folder, configOfMnode);
  report.done.push(`${folder}/${CONFIG} written anew as the mnode knows it`);
  return configOfMnode;
}

function mendStore({ fs, folder }: VnodeToRepair, config: VnodeConfig, report: Report): void {
  const mended = repairStore(fs, `${folder}/tsdb`, {
    logFirstVersion: firstLogVersion(fs, `${folder}/wal`),
    deletes: () => deletesIn(readMeta(fs, folder).loader),
  });
  if (mended === undefined) return;
  const names = new Rows(readMeta(fs, folder).loader.meta, config.options.precision);
  report.aside.push(...mended.aside);
  for (const damage of mended.lost)
    report.lost.push(`${damage.file}: ${storeLossText(damage, names)} (${damage.what})`);
  if (mended.isManifestNew)
    report.done.push(`${folder}/tsdb/manifest made anew of the segment files`);
  else report.done.push(`${folder}/tsdb: what can be read is in new segment files`);
}

/** What meta knows of deleted rows, by table. */
function deletesIn({ meta, deletes }: MetaLoader): KnownDelete[] {
  return deletes.flatMap(({ version, change }) => {
    const { from, to } = change;
    return tidsOfDelete(meta, change).map((tid) => ({ version, tid, from, to }));
  });
}

/** Makes meta know all changes up to the store's version, as far as they are still somewhere. */
function mendMeta(
  { fs, folder }: VnodeToRepair,
  store: { readonly committedVersion: number; readonly tidEnd: number },
  report: Report,
): void {
  const path = `${folder}/meta`;
  const mended = repairLog(fs, path, firstInFolder(fs, path));
  if (mended !== undefined) {
    report.aside.push(...mended.aside);
    report.done.push(`${path}: whole records before the bad place kept`);
  }
  if (readMeta(fs, folder).error !== undefined) {
    for (const name of fs.list(path))
      if (name.endsWith('.log')) report.aside.push(setAside(fs, `${path}/${name}`));
    fs.syncFolder(path);
  }
  const metaStore = MetaStore.open(fs, path, quiet);
  try {
    const known = metaStore.version;
    if (known >= store.committedVersion) return;
    const logFirst = firstLogVersion(fs, `${folder}/wal`) ?? Infinity;
    const reached =
      logFirst <= known + 1 ? replayChanges(fs, folder, metaStore, store.committedVersion) : known;
    if (reached >= store.committedVersion) {
      metaStore.save(store.committedVersion);
      report.done.push(`${path}: changes after version ${known} taken from the log`);
      return;
    }
    if (metaStore.meta.tables.size === 0 && store.tidEnd > 1) {
      report.failed.push(
        `${path}: no table is known any more, and the log begins at ${logFirst}: restore the vnode from a backup, or drop the database`,
      );
      return;
    }
    metaStore.rebase(store.committedVersion, store.tidEnd);
    const range = versionsText(reached + 1, store.committedVersion);
    report.lost.push(
      `${path}: changes in ${range}: tables made then answer "Invalid table ID" until they are dropped and made again; tags set then have their old values`,
    );
  } finally {
    metaStore.close();
  }
}

/** Applies the changes of the vnode's log up to `upTo`; returns the last version that could be read. */
function replayChanges(fs: FileSystem, folder: string, metaStore: MetaStore, upTo: number): number {
  let reached = metaStore.version;
  visitSound(fs, `${folder}/wal`, ({ version, type, payload }) => {
    if (version > upTo) return;
    reached = Math.max(reached, version);
    if (type === RecordType.change) metaStore.apply(version, payload);
  });
  return reached;
}

function mendLog({ fs, folder }: VnodeToRepair, committedVersion: number, report: Report): void {
  const path = `${folder}/wal`;
  if (lostLog(fs, folder, committedVersion) !== undefined) {
    beginLog(fs, path, committedVersion);
    report.lost.push(`${path}: every version after ${committedVersion}, if there were any`);
    return;
  }
  const mended = repairLog(fs, path, committedVersion);
  if (mended === undefined) return;
  report.aside.push(...mended.aside);
  const { lost } = mended;
  if (lost === undefined)
    report.done.push(`${path}: damage in versions that are in files already, taken out`);
  else report.lost.push(`${path}: ${versionsText(lost.firstVersion, lost.lastVersion)}`);
}
