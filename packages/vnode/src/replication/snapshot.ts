/**
 * A vnode's files of now, pinned for another replica to copy: the manifest, the segments it names, and the meta
 * folder. Open handles keep files readable that are removed meanwhile; what is appended later is not part of it.
 */
import { crc32 } from 'node:zlib';
import type { FileHandle, FileSystem } from '@tdnode/common';
import type { SnapshotFile, SnapshotSource } from '@tdnode/sync';

const READ_BYTES = 1024 * 1024;

/** Checksums of immutable files by name, so that each is read through once only. */
export type KnownChecksums = Map<string, number>;

/** What is to be pinned. */
export interface SnapshotOf {
  readonly fs: FileSystem;
  /** The vnode's folder. */
  readonly folder: string;
  /** What the files hold. */
  readonly version: number;
  /** Names of the store's live segment files. */
  readonly segments: readonly string[];
  readonly known: KnownChecksums;
}

/** Pins the files of a vnode. */
export function openSnapshot(of: SnapshotOf): SnapshotSource {
  const { fs, folder, version, known } = of;
  const handles: FileHandle[] = [];
  const files: SnapshotFile[] = [];
  try {
    for (const name of fileNames(of)) {
      const handle = fs.open(`${folder}/${name}`, 'read');
      handles.push(handle);
      const size = handle.size();
      const isImmutable = name.endsWith('.seg');
      const crc = (isImmutable ? known.get(name) : undefined) ?? checksum(handle, size);
      if (isImmutable) known.set(name, crc);
      files.push({ name, size, crc });
    }
  } catch (error) {
    for (const handle of handles) handle.close();
    throw error;
  }
  return {
    version,
    files,
    read: (file, offset, length) => {
      const left = files[file]!.size - offset;
      const bytes = new Uint8Array(Math.max(0, Math.min(length, left)));
      return bytes.subarray(0, handles[file]!.read(bytes, offset));
    },
    release: () => {
      for (const handle of handles.splice(0)) handle.close();
    },
  };
}

/** The manifest last: before the first commit there is none. */
function fileNames({ fs, folder, segments }: SnapshotOf): string[] {
  const meta = fs.list(`${folder}/meta`).filter((name) => name.endsWith('.log'));
  const manifest = fs.exists(`${folder}/tsdb/manifest`) ? ['tsdb/manifest'] : [];
  return [
    ...meta.map((name) => `meta/${name}`),
    ...segments.map((name) => `tsdb/${name}`),
    ...manifest,
  ];
}

function checksum(handle: FileHandle, size: number): number {
  const buffer = new Uint8Array(Math.min(size, READ_BYTES));
  let crc = 0;
  for (let at = 0; at < size;) {
    const count = handle.read(buffer.subarray(0, Math.min(buffer.length, size - at)), at);
    if (count === 0) break;
    crc = crc32(buffer.subarray(0, count), crc);
    at += count;
  }
  return crc;
}
