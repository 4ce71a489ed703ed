/**
 * Loops from native arrays to doubles with NaN for NULL, one per width so that each stays monomorphic.
 * All read `count` values from index `at` of `source`, write from index `to` of `target`, and return the
 * index after the last one written.
 */

/** TINYINT. */
export function widenInt8(
  source: Int8Array,
  at: number,
  count: number,
  target: Float64Array,
  to: number,
): number {
  for (let i = 0; i < count; i++) {
    const value = source[at + i]!;
    target[to + i] = value === -128 ? NaN : value;
  }
  return to + count;
}

/** BOOL (NULL is 2) and TINYINT UNSIGNED (NULL is 255). */
export function widenUint8(
  source: Uint8Array,
  at: number,
  count: number,
  target: Float64Array,
  to: number,
  nullValue: number,
): number {
  for (let i = 0; i < count; i++) {
    const value = source[at + i]!;
    target[to + i] = value === nullValue ? NaN : value;
  }
  return to + count;
}

/** SMALLINT. */
export function widenInt16(
  source: Int16Array,
  at: number,
  count: number,
  target: Float64Array,
  to: number,
): number {
  for (let i = 0; i < count; i++) {
    const value = source[at + i]!;
    target[to + i] = value === -32768 ? NaN : value;
  }
  return to + count;
}

/** SMALLINT UNSIGNED. */
export function widenUint16(
  source: Uint16Array,
  at: number,
  count: number,
  target: Float64Array,
  to: number,
): number {
  for (let i = 0; i < count; i++) {
    const value = source[at + i]!;
    target[to + i] = value === 65535 ? NaN : value;
  }
  return to + count;
}

/** INT. */
export function widenInt32(
  source: Int32Array,
  at: number,
  count: number,
  target: Float64Array,
  to: number,
): number {
  for (let i = 0; i < count; i++) {
    const value = source[at + i]!;
    target[to + i] = value === -2147483648 ? NaN : value;
  }
  return to + count;
}

/** INT UNSIGNED. */
export function widenUint32(
  source: Uint32Array,
  at: number,
  count: number,
  target: Float64Array,
  to: number,
): number {
  for (let i = 0; i < count; i++) {
    const value = source[at + i]!;
    target[to + i] = value === 4294967295 ? NaN : value;
  }
  return to + count;
}

/** FLOAT, NaN for NULL already. */
export function widenFloat32(
  source: Float32Array,
  at: number,
  count: number,
  target: Float64Array,
  to: number,
): number {
  for (let i = 0; i < count; i++) target[to + i] = source[at + i]!;
  return to + count;
}

/** DOUBLE and what is kept as doubles: NaN for NULL already. */
export function copyFloat64(
  source: Float64Array,
  at: number,
  count: number,
  target: Float64Array,
  to: number,
): number {
  if (count > 16) target.set(source.subarray(at, at + count), to);
  else for (let i = 0; i < count; i++) target[to + i] = source[at + i]!;
  return to + count;
}
