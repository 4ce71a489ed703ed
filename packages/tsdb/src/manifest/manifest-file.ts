/**
 * The manifest on disk: read at open, replaced by write, fsync, rename, fsync of the folder.
 */
import { CorruptionError, type FileSystem } from '@tdnode/common';
import { decodeManifest, encodeManifest } from './format.ts';
import { EMPTY_MANIFEST, type Manifest } from './manifest.ts';

const MANIFEST = 'manifest';
const MANIFEST_TMP = 'manifest.tmp';

/** The manifest of a folder; an empty one where there is none. Throws CorruptionError. */
export function readManifest(fs: FileSystem, dir: string): Manifest {
  const path = `${dir}/${MANIFEST}`;
  if (!fs.exists(path)) return EMPTY_MANIFEST;
  return decodeManifest(fs.readFile(path), path);
}

/** Writes the next manifest beside the current one, durably. What it names must be durable already. */
export function prepareManifest(fs: FileSystem, dir: string, manifest: Manifest): void {
  const handle = fs.open(`${dir}/${MANIFEST_TMP}`, 'create');
  try {
    handle.write(encodeManifest(manifest), 0);
    handle.sync();
  } finally {
    handle.close();
  }
}

/**
 * Puts the prepared manifest in place. From here on either of the two may be found after a crash, until the
 * folder is synced: the files that only one of them names must both stay.
 */
export function replaceManifest(fs: FileSystem, dir: string): void {
  fs.rename(`${dir}/${MANIFEST_TMP}`, `${dir}/${MANIFEST}`);
}

/** Throws CorruptionError when a file that the manifest names is not there. */
export function checkNamed(fs: FileSystem, dir: string, named: ReadonlySet<string>): void {
  const there = new Set(fs.list(dir));
  for (const name of named) {
    if (!there.has(name)) throw new CorruptionError(`${dir}/${name}`, 0, 'segment file is missing');
  }
}

/** Removes what no manifest names: half-written segments, superseded ones, a prepared manifest. */
export function removeOrphans(fs: FileSystem, dir: string, named: ReadonlySet<string>): string[] {
  const orphans = fs.list(dir).filter((name) => {
    if (name === MANIFEST_TMP) return true;
    return name.endsWith('.seg') && !named.has(name);
  });
  for (const name of orphans) fs.unlink(`${dir}/${name}`);
  return orphans;
}
