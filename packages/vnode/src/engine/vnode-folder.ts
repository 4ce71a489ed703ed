/**
 * The folder of a vnode: `vnode/vnode<vgId>/` with config.json, wal/, meta/, tsdb/.
 *
 * Making one ends with config.json under its name: a folder without it and without a log was never made, and is
 * cleared away at the next start. Dropping begins with another name (`vnode<vgId>.dropped`), so that a vnode that
 * has lost its configuration is never taken for a dropped one.
 */
import { crc32 } from 'node:zlib';
import { CorruptionError, type FileSystem, type VgId } from '@tdnode/common';
import type { VnodeConfig } from '@tdnode/rpc';
import { foundReplica, hasReplica, type Config } from '@tdnode/sync';
import { VNODE_FOLDERS } from '../vnode.ts';

/** Name of a vnode's configuration. */
export const CONFIG = 'config.json';
/** A dropped vnode's folder is renamed so before it is removed. */
const DROPPED = '.dropped';

/** Where the vnodes of a dnode are. */
export interface VnodePlace {
  readonly fs: FileSystem;
  readonly dataDir: string;
  /** Whether a dropped vnode is moved to vnode_bak/ instead of being removed. */
  readonly keepDropped: boolean;
}

/** A vnode's folder. */
export function vnodeFolder(place: Pick<VnodePlace, 'dataDir'>, vgId: number): string {
  return `${place.dataDir}/vnode/vnode${vgId}`;
}

/** Makes the folder of a new vnode, with the members it begins with if it has others; keeps one that is there already. */
export function createVnodeFolder(place: VnodePlace, config: VnodeConfig, members?: Config): void {
  const { fs, dataDir } = place;
  const folder = vnodeFolder(place, config.vgId);
  for (const name of VNODE_FOLDERS) fs.makeFolder(`${folder}/${name}`);
  fs.syncFolder(folder);
  if (members !== undefined && !hasReplica(fs, folder)) foundReplica(fs, folder, members, 0);
  writeConfig(place, config);
  fs.syncFolder(`${dataDir}/vnode`);
  fs.syncFolder(dataDir);
}

/** Replaces config.json: written beside, synced, renamed, folder synced. */
export function writeConfig(place: VnodePlace, config: VnodeConfig): void {
  writeConfigFile(place.fs, vnodeFolder(place, config.vgId), config);
}

/** The same, by folder. */
export function writeConfigFile(fs: FileSystem, folder: string, config: VnodeConfig): void {
  const handle = fs.open(`${folder}/${CONFIG}.new`, 'create');
  try {
    const file = { ...config, crc32: configCrc(config) };
    handle.write(new TextEncoder().encode(`${JSON.stringify(file, null, 2)}\n`), 0);
    handle.sync();
  } finally {
    handle.close();
  }
  fs.rename(`${folder}/${CONFIG}.new`, `${folder}/${CONFIG}`);
  fs.syncFolder(folder);
}

/** A vnode on disk. */
export interface FoundVnode {
  readonly vgId: VgId;
  /** Its configuration, or why it cannot be read. */
  readonly config: VnodeConfig | CorruptionError;
}

/** The vnodes on disk, ascending; clears away folders that were never finished. */
export function listVnodes(place: VnodePlace, isMine: (vgId: number) => boolean): FoundVnode[] {
  const { fs, dataDir } = place;
  const found: FoundVnode[] = [];
  if (!fs.exists(`${dataDir}/vnode`)) return found;
  // What is found is on the disk from now on: the process that made it may have been killed before its last sync.
  fs.syncFolder(`${dataDir}/vnode`);
  fs.syncFolder(dataDir);
  for (const vgId of vnodeIds(place)) {
    if (!isMine(vgId)) continue;
    const folder = vnodeFolder(place, vgId);
    if (fs.exists(`${folder}/${CONFIG}`) || hasLog(fs, folder)) {
      found.push({ vgId, config: readConfig(fs, folder, vgId) });
    } else {
      fs.removeFolder(folder);
    }
  }
  clearDropped(place, isMine);
  return found;
}

/** Whether the vnode was ever opened: then its configuration was there. */
function hasLog(fs: FileSystem, folder: string): boolean {
  return fs.exists(`${folder}/wal`) && fs.list(`${folder}/wal`).length > 0;
}

/** Removes what a drop that was cut off left. */
function clearDropped({ fs, dataDir }: VnodePlace, isMine: (vgId: number) => boolean): void {
  for (const name of fs.list(`${dataDir}/vnode`)) {
    const vgId = /^vnode(\d+)\.dropped$/.exec(name)?.[1];
    if (vgId !== undefined && isMine(Number(vgId))) fs.removeFolder(`${dataDir}/vnode/${name}`);
  }
}

/** The vgIds that have a folder, ascending. */
export function vnodeIds({ fs, dataDir }: Pick<VnodePlace, 'fs' | 'dataDir'>): VgId[] {
  if (!fs.exists(`${dataDir}/vnode`)) return [];
  const names = fs.list(`${dataDir}/vnode`).filter((name) => /^vnode\d+$/.test(name));
  return names.map((name) => Number(name.slice(5)) as VgId).sort((a, b) => a - b);
}

/** The configuration in a vnode's folder, or why it cannot be read. */
export function readConfig(
  fs: FileSystem,
  folder: string,
  vgId: number,
): VnodeConfig | CorruptionError {
  const path = `${folder}/${CONFIG}`;
  try {
    const text = new TextDecoder().decode(fs.readFile(path));
    const { crc32: stored, ...config } = JSON.parse(text) as VnodeConfig & {
      readonly crc32: number;
    };
    if (stored !== configCrc(config))
      return new CorruptionError(path, 0, 'configuration has a wrong checksum');
    return config.vgId === vgId
      ? config
      : new CorruptionError(path, 0, `configuration of vgroup ${config.vgId}`);
  } catch (error) {
    return new CorruptionError(
      path,
      0,
      `configuration is not readable: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** CRC-32 of the configuration as compact JSON, in the file's own order of keys. */
function configCrc(config: VnodeConfig): number {
  return crc32(JSON.stringify(config));
}

/** Moves or removes a vnode's folder. */
export function dropVnodeFolder(place: VnodePlace, vgId: VgId): void {
  const { fs, dataDir, keepDropped } = place;
  const folder = vnodeFolder(place, vgId);
  if (!fs.exists(folder)) return;
  if (keepDropped) {
    const kept = `${dataDir}/vnode_bak/vnode${vgId}`;
    fs.makeFolder(`${dataDir}/vnode_bak`);
    fs.removeFolder(kept);
    fs.rename(folder, kept);
    fs.syncFolder(`${dataDir}/vnode_bak`);
  } else {
    const dropped = `${folder}${DROPPED}`;
    fs.removeFolder(dropped);
    fs.rename(folder, dropped);
    fs.syncFolder(`${dataDir}/vnode`);
    fs.removeFolder(dropped);
  }
  fs.syncFolder(`${dataDir}/vnode`);
}
