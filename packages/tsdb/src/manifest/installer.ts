/**
 * Replaces the manifest in two stages, either of which may fail and be tried again:
 *
 *   1. begin: sync the folder (the new segments' names), write and sync the manifest beside the current one, rename it.
 *   2. finish: sync the folder (the rename).
 *
 * Between the two nobody knows which manifest a crash would leave, so neither the files of the old nor those
 * of the new one may be removed; readers stay with the old one until `finish`. A rename that failed may have
 * happened all the same (EIO): the new files then stay, too, as orphans at worst.
 */
import type { FileSystem } from '@tdnode/common';
import type { Manifest } from './manifest.ts';
import { prepareManifest, replaceManifest } from './manifest-file.ts';

/** See the head of this file. */
export class ManifestInstaller {
  readonly #fs: FileSystem;
  readonly #dir: string;
  #pending: Manifest | undefined;
  #mayBeNamed = false;

  constructor(fs: FileSystem, dir: string) {
    this.#fs = fs;
    this.#dir = dir;
  }

  /** Whether stage 1 is done and stage 2 is not. */
  get isPending(): boolean {
    return this.#pending !== undefined;
  }

  /** After `begin` failed: whether the manifest on disk may name the new files. */
  get mayBeNamed(): boolean {
    return this.#mayBeNamed;
  }

  begin(manifest: Manifest): void {
    this.#mayBeNamed = false;
    this.#fs.syncFolder(this.#dir);
    prepareManifest(this.#fs, this.#dir, manifest);
    this.#mayBeNamed = true;
    replaceManifest(this.#fs, this.#dir);
    this.#pending = manifest;
  }

  /** The manifest that is now in place for good. */
  finish(): Manifest | undefined {
    if (this.#pending === undefined) return undefined;
    this.#fs.syncFolder(this.#dir);
    const manifest = this.#pending;
    this.#pending = undefined;
    return manifest;
  }
}
