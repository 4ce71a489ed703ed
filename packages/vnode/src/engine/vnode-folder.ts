/**
 * The folder of a vnode: `vnode/vnode<vgId>/` with config.json, wal/, meta/, tsdb/.
 *
 * Making one ends with config.json under its name: a folder without it was never made, or is half removed, and
 * is cleared away at the next start. Dropping begins with taking that name away.
 */
import { ErrorCode, TaosError, type FileSystem, type VgId } from '@tdnode/common';
import type { VnodeConfig } from '@tdnode/rpc';
import { VNODE_FOLDERS } from '../vnode.ts';

const CONFIG = 'config.json';

/** Where the vnodes of a dnode are. */
export interface VnodePlace {
  readonly fs: FileSystem;
  readonly dataDir: string;
  /** Whether a dropped vnode is moved to vnode_bak/ instead of being removed. */
  readonly keepDropped: boolean;
}

/** A vnode's folder. */
export function vnodeFolder(place: VnodePlace, vgId: number): string {
  return `${place.dataDir}/vnode/vnode${vgId}`;
}

/** Makes the folder of a new vnode; keeps one that is there already. */
export function createVnodeFolder(place: VnodePlace, config: VnodeConfig): void {
  const { fs, dataDir } = place;
  const folder = vnodeFolder(place, config.vgId);
  for (const name of VNODE_FOLDERS) fs.makeFolder(`${folder}/${name}`);
  fs.syncFolder(folder);
  writeConfig(place, config);
  fs.syncFolder(`${dataDir}/vnode`);
  fs.syncFolder(dataDir);
}

/** Replaces config.json: written beside, synced, renamed, folder synced. */
export function writeConfig(place: VnodePlace, config: VnodeConfig): void {
  const { fs } = place;
  const folder = vnodeFolder(place, config.vgId);
  const handle = fs.open(`${folder}/${CONFIG}.new`, 'create');
  try {
    handle.write(new TextEncoder().encode(`${JSON.stringify(config, null, 2)}\n`), 0);
    handle.sync();
  } finally {
    handle.close();
  }
  fs.rename(`${folder}/${CONFIG}.new`, `${folder}/${CONFIG}`);
  fs.syncFolder(folder);
}

/** The configurations of the vnodes on disk, ascending; clears away folders that were never finished. */
export function listVnodes(place: VnodePlace, isMine: (vgId: number) => boolean): VnodeConfig[] {
  const { fs, dataDir } = place;
  if (!fs.exists(`${dataDir}/vnode`)) return [];
  const found: VnodeConfig[] = [];
  for (const name of fs.list(`${dataDir}/vnode`)) {
    const vgId = Number(/^vnode(\d+)$/.exec(name)?.[1] ?? -1);
    if (vgId < 0 || !isMine(vgId)) continue;
    const folder = vnodeFolder(place, vgId);
    if (fs.exists(`${folder}/${CONFIG}`)) found.push(readConfig(fs, `${folder}/${CONFIG}`));
    else fs.removeFolder(folder);
  }
  return found.sort((a, b) => a.vgId - b.vgId);
}

function readConfig(fs: FileSystem, path: string): VnodeConfig {
  try {
    return JSON.parse(new TextDecoder().decode(fs.readFile(path))) as VnodeConfig;
  } catch (cause) {
    throw new TaosError(ErrorCode.VND_INIT_FAILED, undefined, {
      detail: `${path} is not readable`,
      cause,
    });
  }
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
    if (fs.exists(`${folder}/${CONFIG}`)) fs.unlink(`${folder}/${CONFIG}`);
    fs.syncFolder(folder);
    fs.removeFolder(folder);
  }
  fs.syncFolder(`${dataDir}/vnode`);
}
