/**
 * Brings blocks from the file into memory, checked. One buffer holds a run of neighbouring blocks: a reader that goes
 * through them in order, either way, gets runs that double up to 1 MiB (a system call costs as much as copying some
 * 10 KiB, about one block); one that jumps gets single blocks.
 */
import { crc32 } from 'node:zlib';
import { CorruptionError } from '@tdnode/common';
import type { FileHandle } from '@tdnode/common';
import { AlignedBytes } from '../codec/aligned-bytes.ts';
import type { SegmentIndex } from './segment-index.ts';

const FIRST_RUN = 64 << 10;
const LONGEST_RUN = 1 << 20;

/** Fetches blocks of one file for one reader. */
export class BlockFetcher {
  /** Holds the fetched block until the next fetch. */
  memory = new AlignedBytes(0);
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #index: SegmentIndex;
  /** 1: this block's checksum was right once since the file was opened. */
  readonly #checked: Uint8Array;
  /** Blocks in memory: `[from, to)`. */
  #from = 0;
  #to = 0;
  #runBytes = 0;

  constructor(path: string, file: FileHandle, index: SegmentIndex) {
    this.#path = path;
    this.#file = file;
    this.#index = index;
    this.#checked = new Uint8Array(index.info.blocks);
  }

  /** Where the block begins in `memory`. */
  fetch(block: number): number {
    if (block < this.#from || block >= this.#to) this.#load(block);
    const { offset, size, crc } = this.#index;
    const at = (offset[block]! - offset[this.#from]!) * 8;
    if (this.#checked[block] === 0) {
      const actual = crc32(this.memory.bytes.subarray(at, at + size[block]!));
      if (actual !== crc[block]!) {
        throw new CorruptionError(this.#path, offset[block]! * 8, 'block has a wrong checksum');
      }
      this.#checked[block] = 1;
    }
    return at;
  }

  /** Gives the memory back; the next fetch takes it anew. */
  release(): void {
    this.memory = new AlignedBytes(0);
    this.#from = this.#to = this.#runBytes = 0;
  }

  #load(block: number): void {
    const wasEmpty = this.#to === this.#from;
    const goesUp = !wasEmpty && block === this.#to;
    const goesDown = !wasEmpty && block === this.#from - 1;
    this.#runBytes =
      goesUp || goesDown ? Math.min(LONGEST_RUN, Math.max(FIRST_RUN, 2 * this.#runBytes)) : 0;
    let from = block;
    let to = block + 1;
    if (goesUp) while (to < this.#index.info.blocks && this.#span(from, to + 1)) to++;
    if (goesDown) while (from > 0 && this.#span(from - 1, to)) from--;
    this.#read(from, to);
  }

  /** Whether blocks `[from, to)` fit a run. */
  #span(from: number, to: number): boolean {
    return this.#bytes(from, to) <= this.#runBytes;
  }

  #bytes(from: number, to: number): number {
    const { offset, size } = this.#index;
    return (offset[to - 1]! - offset[from]!) * 8 + size[to - 1]!;
  }

  #read(from: number, to: number): void {
    const position = this.#index.offset[from]! * 8;
    const size = this.#bytes(from, to);
    this.#to = this.#from;
    if (this.memory.capacity < size) this.memory = new AlignedBytes(Math.max(FIRST_RUN, size));
    const got = this.#file.read(this.memory.bytes.subarray(0, size), position);
    if (got < size) throw new CorruptionError(this.#path, position + got, 'file ends in a block');
    this.#from = from;
    this.#to = to;
  }
}
