/**
 * The 8 bytes that every encoded column begins with, and the numbers of the encodings (docs/format/segment.md).
 *
 *   0  u8   encoding
 *   1  u8   flags
 *   2  u8   decimal places (SCALED, SCALED_WIDE)
 *   3  u8   0
 *   4  u32  count: exceptions (SCALED*), distinct values (DICTIONARY), bytes (STRINGS), else 0
 *   8  null bitmap (1 bit a row, set: NULL; padded to 8) where the flag says so, then the encoding's body
 *
 * With `DEFLATED`, byte 8 is followed by u32 size inflated, u32 size deflated, and the raw deflate stream of all
 * that would have stood from byte 8 on.
 */
export const Encoding = {
  /** No body: every row is NULL. */
  ALL_NULL: 0,
  /** f64 first value, f64 step: value i is first + i·step. Constants have step 0. */
  LINEAR: 1,
  /** Native widths. */
  PLAIN: 2,
  /** Packed integers. */
  PACKED: 3,
  /** Wide integers. */
  WIDE: 4,
  /** Packed integers that are decimals times 10^places, then exceptions. */
  SCALED: 5,
  /** The same on wide integers. */
  SCALED_WIDE: 6,
  /** One or two XOR lanes. */
  XOR: 7,
  STRINGS: 8,
  DICTIONARY: 9,
} as const;
/** The number of an encoding. */
export type Encoding = (typeof Encoding)[keyof typeof Encoding];

/** A null bitmap stands before the body. */
export const FLAG_NULLS = 1;
/** What follows the header is deflated. */
export const FLAG_DEFLATED = 2;
/** Values are 64-bit integers of which some leave ±2⁵³ (PLAIN and XOR only). */
export const FLAG_INT64 = 4;

/** Bytes before a column's bitmap or body. */
export const COLUMN_HEADER = 8;
