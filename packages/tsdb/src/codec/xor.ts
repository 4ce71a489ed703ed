/**
 * XOR of each 32-bit lane with the lane before it (Gorilla's idea, Pelkonen et al., VLDB 2015), but with one window
 * of significant bits for 128 values instead of one a value: no branches in the loop, and the same bit packing as
 * integers. A FLOAT is one lane, a DOUBLE or a 64-bit integer two: its low words, then its high words.
 *
 * One lane:
 *   0   u8   width of each mini-block, then u8 trailing zero bits of each mini-block; padded to 8
 *   …   u32  packed words; padded to 8
 */
import { align8 } from './aligned-bytes.ts';
import type { AlignedBytes } from './aligned-bytes.ts';
import { MINI_BLOCK, bitWidth, miniBlocks, pack, unpack } from './bit-packing.ts';

/** Where the words of a lane are: `words[offset + i·stride]`. */
export interface Lane {
  readonly words: Int32Array;
  readonly offset: number;
  readonly stride: 1 | 2;
}

/** Bytes that `appendLane` may need. */
function laneBound(rows: number): number {
  return 24 + 6 * miniBlocks(rows) + 4 * rows;
}

/** Appends a lane at a multiple of 8; `work` is overwritten. */
export function appendLane(out: AlignedBytes, lane: Lane, rows: number, work: Int32Array): void {
  out.reserve(laneBound(rows));
  const widthsAt = out.size;
  const blocks = miniBlocks(rows);
  let previous = 0;
  for (let block = 0, from = 0; block < blocks; block++, from += MINI_BLOCK) {
    const to = Math.min(from + MINI_BLOCK, rows);
    let all = 0;
    for (let i = from, at = lane.offset + from * lane.stride; i < to; i++, at += lane.stride) {
      const word = lane.words[at]!;
      all |= work[i] = word ^ previous;
      previous = word;
    }
    const shift = all === 0 ? 0 : 31 - Math.clz32(all & -all);
    for (let i = from; i < to; i++) work[i] = work[i]! >>> shift;
    out.bytes[widthsAt + block] = bitWidth(all >>> shift);
    out.bytes[widthsAt + blocks + block] = shift;
  }
  const wordsAt = align8(widthsAt + 2 * blocks);
  out.bytes.fill(0, widthsAt + 2 * blocks, wordsAt);
  const target = { words: out.words, at: wordsAt >> 2, widths: out.bytes, widthsAt };
  out.size = pack(target, work, rows) << 2;
  out.align();
}

/** Reads a lane at `at` into place; returns the offset after it. */
export function readLane(
  source: AlignedBytes,
  at: number,
  lane: Lane,
  shape: { readonly rows: number; readonly work: Int32Array },
): number {
  const { rows, work } = shape;
  const blocks = miniBlocks(rows);
  const wordsAt = align8(at + 2 * blocks) >> 2;
  const end = unpack(
    { words: source.words, at: wordsAt, widths: source.bytes, widthsAt: at },
    work,
    rows,
  );
  let word = 0;
  for (let block = 0, from = 0; block < blocks; block++, from += MINI_BLOCK) {
    const shift = source.bytes[at + blocks + block]!;
    const to = Math.min(from + MINI_BLOCK, rows);
    for (let i = from, w = lane.offset + from * lane.stride; i < to; i++, w += lane.stride) {
      word ^= work[i]! << shift;
      lane.words[w] = word;
    }
  }
  return align8(end << 2);
}
