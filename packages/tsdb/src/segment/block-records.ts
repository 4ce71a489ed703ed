/**
 * Column records: what the index keeps of each column of each block (null count, place, statistics), packed one
 * after the other. Narrow types keep their statistics in 4 bytes each; a sum of NaN says that there are none.
 */
import { SqlType, isFloatType } from '@tdnode/common';
import type { AlignedBytes } from '../codec/aligned-bytes.ts';
import type { Measure } from '../codec/measure.ts';
import { recordBytes } from './segment-format.ts';
import type { BlockStats } from './segment-types.ts';

const MAX_EXACT = 2 ** 53;

/** Views of one width each over the records of a segment. */
export interface RecordViews {
  readonly words: Int32Array;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
}

/** What a record says of its column. */
export interface ColumnRecord {
  readonly type: SqlType;
  /** Offset of the column's bytes in the block. */
  readonly offset: number;
  /** Whether `measured` holds more than `nullCount`. */
  readonly hasStats: boolean;
  readonly measured: Measure;
  readonly rows: number;
}

/** Appends a record. */
export function appendRecord(out: AlignedBytes, record: ColumnRecord): void {
  const { type, measured } = record;
  const size = recordBytes(type);
  out.reserve(size);
  const at = out.size;
  out.bytes.fill(0, at, at + size);
  out.words[at >> 2] = measured.nullCount;
  out.words[(at >> 2) + 1] = record.offset;
  out.size += size;
  if (size === 8) return;
  const exact = record.hasStats && isExact(record);
  out.doubles[(at >> 3) + 1] = exact ? measured.sum : NaN;
  if (!exact || measured.nullCount === record.rows) return;
  const { min, max, first, last } = measured;
  // NULL has no place among the narrow integers; `first` and `last` mean nothing then.
  const values = [min, max, first === first ? first : 0, last === last ? last : 0];
  if (size === 48) out.doubles.set(values, (at >> 3) + 2);
  else if (type === SqlType.FLOAT) new Float32Array(out.bytes.buffer, at + 16, 4).set(values);
  else out.words.set(values, (at >> 2) + 4);
}

/** Integers are added exactly below 2⁵³ only; a sum of FLOAT or DOUBLE must be finite. */
function isExact(record: ColumnRecord): boolean {
  const { min, max, sum, nullCount } = record.measured;
  if (isFloatType(record.type)) return sum - sum === 0;
  if (nullCount === record.rows) return true;
  return Math.max(Math.abs(min), Math.abs(max)) * record.rows <= MAX_EXACT;
}

/** Reads statistics of the record at byte `at`; false where it has none (then only `nullCount` is set). */
export function readStats(
  views: RecordViews,
  at: number,
  type: SqlType,
  into: BlockStats,
): boolean {
  const size = recordBytes(type);
  into.nullCount = views.words[at >> 2]!;
  if (size === 8) return false;
  const sum = views.doubles[(at >> 3) + 1]!;
  if (sum !== sum) return false;
  into.sum = sum;
  if (size === 48) readFour(views.doubles, (at >> 3) + 2, into);
  else if (type === SqlType.FLOAT) readFour(views.floats, (at >> 2) + 4, into);
  else readFour(views.words, (at >> 2) + 4, into);
  if (type === SqlType.UINT) unsign(into);
  return true;
}

function readFour(
  values: Float64Array | Float32Array | Int32Array,
  at: number,
  into: BlockStats,
): void {
  into.min = values[at]!;
  into.max = values[at + 1]!;
  into.first = values[at + 2]!;
  into.last = values[at + 3]!;
}

function unsign(into: BlockStats): void {
  into.min >>>= 0;
  into.max >>>= 0;
  into.first >>>= 0;
  into.last >>>= 0;
}
