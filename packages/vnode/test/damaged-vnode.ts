/** For tests of damaged files: a vnode with everything on disk, and what it holds after each version. */
import { silentLogger, type FileSystem } from '@tdnode/common';
import { encodeChanges } from '@tdnode/rpc';
import { ManualClock, MemoryFileSystem } from '@tdnode/testkit';
import { asWrite, createMeters, metersConfig, submitMeters } from '../src/fixtures/meters.ts';
import { rowsOf } from '../src/fixtures/read-rows.ts';
import { createVnodeFolder } from '../src/engine/vnode-folder.ts';
import { runWrites } from '../src/vnode-write.ts';
import { Vnode } from '../src/vnode.ts';

const NOW = 1_600_000_000_000;
const DAY = 86_400_000;

export const FOLDER = '/data/vnode/vnode2';
export const CONFIG = metersConfig({ walLevel: 2, fsync: 0, days: 1 });

/** Rows of each table as JSON; a table that is not known has none. */
export type Contents = Record<number, string>;

/** A disk with a vnode: two commits, and after them changes and rows in the log. */
export interface Example {
  readonly fs: MemoryFileSystem;
  /** What the vnode holds after version i. */
  readonly after: readonly Contents[];
  /** All versions up to this one are in files. */
  readonly committedVersion: number;
  /** The log's segments that the commits let go, by path. */
  readonly oldLog: ReadonlyMap<string, Uint8Array>;
}

export function openExample(fs: FileSystem): Vnode {
  return Vnode.open({ fs, clock: new ManualClock(NOW), logger: silentLogger }, FOLDER, CONFIG);
}

/** All that the vnode holds; throws what reading throws. */
export function contentsOf(vnode: Vnode): Contents {
  return Object.fromEntries([7, 8, 9, 10].map((uid) => [uid, JSON.stringify(rowsOf(vnode, uid))]));
}

export function makeExample(): Example {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/data/vnode');
  createVnodeFolder({ fs, dataDir: '/data', keepDropped: false }, CONFIG);
  const vnode = openExample(fs);
  const after: Contents[] = [contentsOf(vnode)];
  const write = (kind: 'change' | 'submit', payload: Uint8Array): void => {
    const one = asWrite(kind, payload);
    runWrites(vnode, [one]);
    if (one.error !== undefined) throw one.error;
    after.push(contentsOf(vnode));
  };
  const rows = (uid: number, day: number, from: number): void =>
    write(
      'submit',
      submitMeters([
        { uid, rows: [0, 1, 2].map((i) => [NOW - day * DAY + from + i, from + i] as const) },
      ]),
    );
  /** Deletes the second and the third of three rows. */
  const remove = (uid: number, day: number, from: number): void => {
    const [first, last] = [NOW - day * DAY + from + 1, NOW - day * DAY + from + 2];
    write(
      'change',
      encodeChanges([{ kind: 'deleteRows', uid, isStable: false, from: first, to: last }]),
    );
  };
  const oldLog = new Map<string, Uint8Array>();
  const flush = (): void => {
    const name = fs.list(`${FOLDER}/wal`).find((file) => file.endsWith('.log'))!;
    const path = `${FOLDER}/wal/${name}`;
    oldLog.set(path, fs.readFile(path));
    vnode.flush();
  };
  write('change', createMeters([7, 8]));
  for (const uid of [7, 8]) for (const day of [2, 1]) rows(uid, day, 10 * uid);
  flush();
  write('change', createMeters([9]));
  for (const uid of [7, 9]) rows(uid, 1, 200 + uid);
  remove(7, 2, 70);
  rows(7, 2, 71); // at two deleted times anew
  remove(8, 1, 80);
  flush();
  const { committedVersion } = vnode.store;
  write('change', createMeters([10]));
  for (const uid of [7, 10, 9, 8]) rows(uid, 1, 400 + uid);
  remove(9, 1, 209);
  fs.syncAll();
  const copy = fs.crash({ data: 'keep', names: 'keep' });
  vnode.close();
  return { fs: copy, after, committedVersion, oldLog };
}

/** A copy of a disk. */
export function copyOf(fs: MemoryFileSystem): MemoryFileSystem {
  return fs.crash({ data: 'keep', names: 'keep' });
}

/** One way to damage a file: a bit of byte `at` flipped, or all from `at` on cut off. */
export interface Harm {
  readonly kind: 'flip' | 'cut';
  readonly at: number;
}

/** Flips and cuts throughout a file of `bytes` bytes, `stride` apart. */
export function harms(bytes: number, stride: number): Harm[] {
  const found: Harm[] = [];
  for (let at = 0; at < bytes; at += stride) found.push({ kind: 'flip', at }, { kind: 'cut', at });
  return found;
}

export function harm(fs: MemoryFileSystem, file: string, { kind, at }: Harm): void {
  fs.damage(file, (bytes) => {
    if (kind === 'cut') return bytes.slice(0, at);
    bytes[at]! ^= 1 << (at % 8);
    return bytes;
  });
}
