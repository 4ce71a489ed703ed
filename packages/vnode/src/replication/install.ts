/**
 * Files of another replica take the place of a vnode's own, meta and store at once: they are gathered in a folder
 * of their own, and that folder's new name is the moment from which they count. What is left to do then is done
 * again after a crash.
 */
import { assert, type FileSystem } from '@tdnode/common';
import type { StagedFile } from '@tdnode/sync';

const GATHERED = 'restore.new';
const SWITCHING = 'restore.switch';

/** The folders that files may be for; their parents are made with them. */
const FOLDERS = ['meta', 'tsdb'] as const;

/** Puts the files in place of those in `folder`; nothing there may be open. */
export function installFiles(fs: FileSystem, folder: string, files: readonly StagedFile[]): void {
  const gathered = `${folder}/${GATHERED}`;
  fs.removeFolder(gathered);
  for (const name of FOLDERS) fs.makeFolder(`${gathered}/${name}`);
  for (const { name, path } of files) {
    const isKnown = FOLDERS.some((known) => name.startsWith(`${known}/`));
    assert(isKnown && name.split('/').length === 2, `${name} is a vnode's file`);
    fs.rename(path, `${gathered}/${name}`);
  }
  for (const name of FOLDERS) fs.syncFolder(`${gathered}/${name}`);
  fs.syncFolder(gathered);
  fs.rename(gathered, `${folder}/${SWITCHING}`);
  fs.syncFolder(folder);
  finishInstall(fs, folder);
}

/** What a crash may have left of an installation; to be called before a vnode's files are opened. */
export function finishInstall(fs: FileSystem, folder: string): void {
  if (fs.exists(`${folder}/${GATHERED}`)) fs.removeFolder(`${folder}/${GATHERED}`);
  const switching = `${folder}/${SWITCHING}`;
  if (!fs.exists(switching)) return;
  for (const name of FOLDERS) {
    if (!fs.exists(`${switching}/${name}`)) continue;
    fs.removeFolder(`${folder}/${name}`);
    fs.rename(`${switching}/${name}`, `${folder}/${name}`);
  }
  fs.syncFolder(folder);
  fs.removeFolder(switching);
  fs.syncFolder(folder);
}
