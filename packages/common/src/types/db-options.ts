/** Options of `create database`, as the mnode stores them and a vnode obeys them. */
import type { Precision } from './schema.ts';

/** The options of a database as all parts see them. */
export interface DbOptions {
  readonly replica: number;
  readonly quorum: number;
  /** Days of data in one file partition. */
  readonly days: number;
  /** keep0 ≤ keep1 ≤ keep2, days; 2.1.2's community build uses the last. */
  readonly keep: readonly [number, number, number];
  /** Size of one memory block, MiB; `cache` × `blocks` is a vnode's write memory. */
  readonly cache: number;
  readonly blocks: number;
  readonly minRows: number;
  readonly maxRows: number;
  /** 0: nothing that costs time to undo; 1: encodings; 2: and a general compressor where it pays. */
  readonly comp: number;
  /** 1: log without fsync; 2: log with fsync every `fsync` ms (0: each batch). */
  readonly walLevel: number;
  readonly fsync: number;
  /** 0: the first row of a time stamp stays; 1: the last one replaces it whole. */
  readonly update: number;
  readonly cacheLast: number;
  readonly precision: Precision;
}
