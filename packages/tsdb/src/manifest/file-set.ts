/**
 * The open side of one manifest: its files, in the shape that readers want. Readers hold the set they
 * started with; a file goes when the last set that names it is let go.
 */
import type { FileSystem } from '@tdnode/common';
import { segmentName, type Manifest } from './manifest.ts';
import { SegmentFile } from './segment-file.ts';

/** See the head of this file. */
export class FileSet {
  readonly manifest: Manifest;
  /** In the manifest's order. */
  readonly files: readonly SegmentFile[];
  /** Lane k: the k-th oldest file of each partition that has so many, ascending by partition. */
  readonly lanes: readonly (readonly SegmentFile[])[];
  #owners = 1;

  private constructor(manifest: Manifest, files: readonly SegmentFile[]) {
    this.manifest = manifest;
    this.files = files;
    const lanes: SegmentFile[][] = [];
    let depth = 0;
    for (let i = 0; i < files.length; i++) {
      const isSamePartition = i > 0 && files[i - 1]!.entry.partition === files[i]!.entry.partition;
      depth = isSamePartition ? depth + 1 : 0;
      (lanes[depth] ??= []).push(files[i]!);
    }
    this.lanes = lanes;
    for (const file of files) file.retain();
  }

  /** The files of a manifest; those that `before` has too are shared. The caller owns the set. */
  static of(fs: FileSystem, dir: string, manifest: Manifest, before?: FileSet): FileSet {
    const known = new Map(before?.files.map((file) => [file.entry.seq, file]));
    const files = manifest.segments.map((entry) => {
      const path = `${dir}/${segmentName(entry.partition, entry.seq)}`;
      return known.get(entry.seq) ?? new SegmentFile(fs, path, entry);
    });
    return new FileSet(manifest, files);
  }

  retain(): void {
    this.#owners++;
  }

  /** One owner less; the last one closes files. Returns what failed to be removed from disk. */
  release(): Error[] {
    this.#owners--;
    if (this.#owners > 0) return [];
    const failed: Error[] = [];
    for (const file of this.files) {
      try {
        file.release();
      } catch (error) {
        if (!isIoError(error)) throw error;
        failed.push(error);
      }
    }
    return failed;
  }
}

/** Whether an error is the disk's (ENOSPC, EIO, …) and not ours. */
export function isIoError(error: unknown): error is Error & { readonly code: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('E')
  );
}
