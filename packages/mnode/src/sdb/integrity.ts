/**
 * Looks at the files of the metadata without opening them, and makes damaged ones serve again as far as that is
 * possible: docs/recovery.md.
 *
 * Invariant: after a repair that lost records no id is given out that some vnode knows already.
 */
import {
  CorruptionError,
  setAside,
  silentLogger,
  systemClock,
  type FileFinding,
  type FileSystem,
  type RepairReport,
  type VgId,
} from '@tdnode/common';
import type { VnodeConfig } from '@tdnode/rpc';
import { foundReplica } from '@tdnode/sync';
import {
  Log,
  OWN_TYPES,
  beginLog,
  checkLog,
  firstLogVersion,
  logFindings,
  repairLog,
  versionsText,
  visitSound,
} from '@tdnode/wal';
import { applyRecord } from './apply.ts';
import {
  encodeCheckpoint,
  readCheckpoint,
  writeCheckpoint,
  type Checkpoint,
} from './checkpoint.ts';
import { decodeBatch } from './batch.ts';
import { lostLog } from './sdb.ts';
import type { SdbState } from './state.ts';

/** Rows of `dir`, the mnode's folder; none where this host has no mnode. */
export function checkMnode(fs: FileSystem, dir: string): FileFinding[] {
  if (!fs.exists(dir)) return [];
  const path = `${dir}/checkpoint`;
  const checkpoint = checkpointOf(fs, dir);
  const findings: FileFinding[] = [];
  if (checkpoint instanceof CorruptionError)
    findings.push(findingOf('checkpoint', checkpoint, 'all metadata'));
  else if (fs.exists(path))
    findings.push({
      part: 'checkpoint',
      file: path,
      bytes: checkpoint.bytes,
      state: 'ok',
      offset: 0,
      what: '',
      affected: '',
    });
  const wal = `${dir}/wal`;
  if (!fs.exists(wal)) return findings;
  const version =
    checkpoint instanceof CorruptionError
      ? (firstLogVersion(fs, wal) ?? 1) - 1
      : checkpoint.version;
  const gone = lostLog(fs, dir, version);
  if (gone !== undefined)
    return [...findings, findingOf('log', gone, `changes after version ${version}`)];
  return [...findings, ...logFindings(checkLog(fs, wal, version), 'log')];
}

/** The highest ids that vnodes on this host know. */
export interface UsedIds {
  readonly uid: number;
  readonly vgId: number;
}

/** Repairs `dir`; `usedIds` is asked only when records were lost. Changes nothing where nothing is damaged. */
export function repairMnode(fs: FileSystem, dir: string, usedIds: () => UsedIds): RepairReport {
  const report = {
    aside: [] as string[],
    lost: [] as string[],
    done: [] as string[],
    failed: [] as string[],
  };
  if (!fs.exists(`${dir}/wal`)) return report;
  const wal = `${dir}/wal`;
  let checkpoint = checkpointOf(fs, dir);
  if (checkpoint instanceof CorruptionError) {
    if (firstLogVersion(fs, wal) !== 1) {
      report.failed.push(
        `${checkpoint.message}; the log does not reach back to version 1: restore ${dir} from a backup`,
      );
      return report;
    }
    report.aside.push(setAside(fs, `${dir}/checkpoint`));
    fs.syncFolder(dir);
    report.done.push(`${dir}: metadata made anew of the log, which begins with version 1`);
    checkpoint = readCheckpoint(fs, dir);
  }
  mendLog(fs, dir, checkpoint.version, report);
  try {
    if (report.lost.length > 0) keepIdsApart(fs, dir, usedIds());
    demandWhole(fs, dir);
  } catch (error) {
    if (!(error instanceof CorruptionError)) throw error;
    report.failed.push(error.message);
  }
  return report;
}

function mendLog(
  fs: FileSystem,
  dir: string,
  version: number,
  report: { readonly aside: string[]; readonly lost: string[]; readonly done: string[] },
): void {
  const wal = `${dir}/wal`;
  if (lostLog(fs, dir, version) !== undefined) {
    beginLog(fs, wal, version);
    report.lost.push(`${wal}: every change after version ${version}, if there were any`);
    return;
  }
  const mended = repairLog(fs, wal, version);
  if (mended === undefined) return;
  report.aside.push(...mended.aside);
  const { lost } = mended;
  if (lost === undefined)
    report.done.push(`${wal}: damage in versions that are in the checkpoint already, taken out`);
  else {
    const range = versionsText(lost.firstVersion, lost.lastVersion);
    report.lost.push(
      `${wal}: changes in ${range}: databases, tables and users made then are unknown`,
    );
  }
}

/** Writes a checkpoint that gives out ids above those in use only. */
function keepIdsApart(fs: FileSystem, dir: string, used: UsedIds): void {
  const { state, version } = readState(fs, dir);
  state.nextUid = Math.max(state.nextUid, used.uid + 1);
  state.nextVgId = Math.max(state.nextVgId, used.vgId + 1);
  const bytes = encodeCheckpoint(state, version);
  const [dnodeId = 1, ...others] = state.mnodes.keys();
  if (others.length > 0)
    throw new CorruptionError(dir, 0, 'other mnodes have what is lost here: move this folder away');
  foundReplica(fs, dir, { voters: [dnodeId], learners: [], arbitrator: false }, version);
  writeCheckpoint(fs, dir, bytes);
}

/** Throws CorruptionError unless checkpoint and log can be read whole. */
function demandWhole(fs: FileSystem, dir: string): void {
  const { state, version } = readCheckpoint(fs, dir);
  const options = { clock: systemClock, logger: silentLogger, committedVersion: version };
  const log = Log.open(fs, `${dir}/wal`, options);
  try {
    log.read(version + 1, ({ type, payload }) => {
      if (type < OWN_TYPES) for (const record of decodeBatch(payload)) applyRecord(state, record);
    });
  } finally {
    log.close();
  }
}

/** What the metadata says of every vnode, as far as it can be read; changes nothing. */
export function readVnodeConfigs(fs: FileSystem, dir: string): VnodeConfig[] {
  if (!fs.exists(dir) || checkpointOf(fs, dir) instanceof CorruptionError) return [];
  const { state } = readState(fs, dir);
  return [...state.dbs.values()].flatMap((db) =>
    db.vgroups.map(({ vgId, replicas }) => ({
      vgId: vgId as VgId,
      db: db.name,
      options: db.options,
      replicas: replicas.map((dnodeId) => ({
        dnodeId,
        endPoint: state.dnodes.get(dnodeId)?.endPoint ?? '',
      })),
    })),
  );
}

/** Checkpoint and the sound records after it. Throws CorruptionError. */
function readState(
  fs: FileSystem,
  dir: string,
): { readonly state: SdbState; readonly version: number } {
  const { state, version: from } = readCheckpoint(fs, dir);
  let version = from;
  if (fs.exists(`${dir}/wal`)) {
    visitSound(fs, `${dir}/wal`, (record) => {
      if (record.version !== version + 1) return;
      version = record.version;
      if (record.type >= OWN_TYPES) return;
      for (const one of decodeBatch(record.payload)) applyRecord(state, one);
    });
  }
  return { state, version };
}

function checkpointOf(fs: FileSystem, dir: string): Checkpoint | CorruptionError {
  try {
    return readCheckpoint(fs, dir);
  } catch (error) {
    if (error instanceof CorruptionError) return error;
    throw error;
  }
}

function findingOf(
  part: string,
  { file, offset, what }: CorruptionError,
  affected: string,
): FileFinding {
  return { part, file, bytes: 0, state: 'damaged', offset, what, affected };
}
