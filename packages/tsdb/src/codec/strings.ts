/**
 * BINARY and NCHAR: lengths as packed integers, then the bytes one after the other (plain); or, where values
 * repeat, the distinct values in that form and a packed code a row (dictionary). NULL has length 0 or code 0; the
 * null bitmap counts.
 *
 *   plain:       packed lengths · bytes, padded to 8                    header count = bytes
 *   dictionary:  packed lengths · bytes, padded to 8 · packed codes     header count = distinct values
 */
import type { StrVector } from '@tdnode/common';
import { align8 } from './aligned-bytes.ts';
import type { AlignedBytes } from './aligned-bytes.ts';
import { appendPacked, readPacked } from './packed-integers.ts';

/** A dictionary must repeat its values this often on average, and is given up early where it does not. */
const LEAST_REPEAT = 2;
const TRIAL_ROWS = 256;
const MOST_DISTINCT = 4096;

/** Distinct values of a column in order of appearance, and for each row the number of its value. */
export interface Dictionary {
  readonly codes: Int32Array;
  /** Row in which each distinct value appears first. */
  readonly rowOf: Int32Array;
  readonly distinct: number;
}

/** Builds a dictionary, or undefined where values hardly repeat. */
export function buildDictionary(vector: StrVector, rows: number): Dictionary | undefined {
  const codes = new Int32Array(rows);
  const rowOf = new Int32Array(Math.min(MOST_DISTINCT, rows));
  const slots = new Int32Array(tableSize(rows));
  let distinct = 0;
  for (let row = 0; row < rows; row++) {
    let slot = hashOf(vector, row) & (slots.length - 1);
    while (slots[slot] !== 0 && !sameValue(vector, rowOf[slots[slot]! - 1]!, row)) {
      slot = (slot + 1) & (slots.length - 1);
    }
    if (slots[slot] === 0) {
      if (distinct === rowOf.length) return undefined;
      rowOf[distinct++] = row;
      slots[slot] = distinct;
    }
    codes[row] = slots[slot]! - 1;
    if (row === TRIAL_ROWS && distinct * LEAST_REPEAT > row) return undefined;
  }
  return distinct * LEAST_REPEAT > rows ? undefined : { codes, rowOf, distinct };
}

/** Appends the plain form; returns the bytes of all values. */
export function appendStrings(out: AlignedBytes, vector: StrVector, rows: number): number {
  const { offsets, bytes } = vector;
  const lengths = new Int32Array(rows);
  for (let i = 0; i < rows; i++) lengths[i] = offsets[i + 1]! - offsets[i]!;
  appendPacked(out, lengths, rows, 0);
  const size = offsets[rows]! - offsets[0]!;
  out.reserve(size + 8);
  out.bytes.set(bytes.subarray(offsets[0], offsets[rows]), out.size);
  out.size += size;
  out.align();
  return size;
}

/** Appends the dictionary form. */
export function appendDictionary(
  out: AlignedBytes,
  vector: StrVector,
  rows: number,
  dictionary: Dictionary,
): void {
  const { offsets, bytes } = vector;
  const { codes, rowOf, distinct } = dictionary;
  const lengths = new Int32Array(distinct);
  let size = 0;
  for (let code = 0; code < distinct; code++) {
    lengths[code] = offsets[rowOf[code]! + 1]! - offsets[rowOf[code]!]!;
    size += lengths[code]!;
  }
  appendPacked(out, lengths, distinct, 0);
  out.reserve(size + 8);
  for (let code = 0; code < distinct; code++) {
    const value = bytes.subarray(offsets[rowOf[code]!], offsets[rowOf[code]! + 1]);
    out.bytes.set(value, out.size);
    out.size += value.length;
  }
  out.align();
  appendPacked(out, codes, rows, 0);
}

/** Where decoded strings go: `bytes(size)` gives memory once the size is known. */
export interface StringTarget {
  readonly rows: number;
  readonly offsets: Uint32Array;
  /** Working memory, at least as long as the rows. */
  readonly work: Int32Array;
  bytes(size: number): Uint8Array;
}

/** Reads the plain form; returns the memory of the values. */
export function readStrings(source: AlignedBytes, at: number, to: StringTarget): Uint8Array {
  const valuesAt = readPacked(source, at, to.work, to.rows);
  const size = sumLengths(to.work, to.rows, to.offsets);
  const bytes = to.bytes(size);
  bytes.set(source.bytes.subarray(valuesAt, valuesAt + size));
  return bytes;
}

/** Reads the dictionary form. */
export function readDictionary(
  source: AlignedBytes,
  at: number,
  distinct: number,
  to: StringTarget,
): Uint8Array {
  const starts = new Uint32Array(distinct + 1);
  const lengths = new Int32Array(distinct);
  const valuesAt = readPacked(source, at, lengths, distinct);
  const valuesSize = sumLengths(lengths, distinct, starts);
  const { rows, work: codes, offsets } = to;
  readPacked(source, align8(valuesAt + valuesSize), codes, rows);
  let size = 0;
  for (let i = 0; i < rows; i++) {
    offsets[i] = size;
    size += lengths[codes[i]!]!;
  }
  offsets[rows] = size;
  const out = to.bytes(size);
  for (let i = 0, end = 0; i < rows; i++) {
    // Values are short: a loop is faster than a view and a call for each.
    const from = valuesAt + starts[codes[i]!]!;
    for (let k = 0; k < lengths[codes[i]!]!; k++) out[end++] = source.bytes[from + k]!;
  }
  return out;
}

function sumLengths(lengths: Int32Array, count: number, offsets: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    offsets[i] = sum;
    sum += lengths[i]!;
  }
  offsets[count] = sum;
  return sum;
}

/** A power of two, at most half full. */
function tableSize(rows: number): number {
  let size = 16;
  while (size < 2 * Math.min(rows, MOST_DISTINCT)) size *= 2;
  return size;
}

/** FNV-1a over the bytes, with the high bits folded into the low ones. */
function hashOf(vector: StrVector, row: number): number {
  const end = vector.offsets[row + 1]!;
  let hash = 0x811c9dc5 | 0;
  for (let i = vector.offsets[row]!; i < end; i++) {
    hash = Math.imul(hash ^ vector.bytes[i]!, 0x01000193);
  }
  return hash ^ (hash >>> 15);
}

function sameValue(vector: StrVector, a: number, b: number): boolean {
  const { offsets, bytes } = vector;
  const from = offsets[a]!;
  const length = offsets[a + 1]! - from;
  const other = offsets[b]!;
  if (offsets[b + 1]! - other !== length) return false;
  for (let k = 0; k < length; k++) if (bytes[from + k] !== bytes[other + k]) return false;
  return true;
}
