/**
 * Making a replica where there was none: its state file, with the members it begins with. A log and files that are
 * there already are of a vnode that was alone until now: their versions have term 0.
 */
import type { FileSystem } from '@tdnode/common';
import { NOBODY, type Config } from '../core/types.ts';
import { STATE_FILE, saveState } from './replica-state.ts';

/** Whether `folder` holds a replica's state. */
export function hasReplica(fs: FileSystem, folder: string): boolean {
  return fs.exists(`${folder}/${STATE_FILE}`);
}

/** Writes the first state into `folder`; files there hold everything up to `filesVersion`. */
export function foundReplica(
  fs: FileSystem,
  folder: string,
  config: Config,
  filesVersion: number,
): void {
  const anchor = { version: filesVersion, term: 0, config: { version: 0, config } };
  saveState(fs, folder, { hardState: { term: 0, votedFor: NOBODY }, anchors: [anchor] });
}
