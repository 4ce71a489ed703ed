/** Typed arrays that grow: a longer copy, at least doubled, zeros behind. */

const nextLength = (length: number, needed: number): number => Math.max(needed, length * 2);

/** A longer copy for `needed` items. */
export function grownInt32(
  array: Int32Array<ArrayBuffer>,
  needed: number,
): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(nextLength(array.length, needed));
  grown.set(array);
  return grown;
}

/** A longer copy for `needed` items. */
export function grownUint32(
  array: Uint32Array<ArrayBuffer>,
  needed: number,
): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(nextLength(array.length, needed));
  grown.set(array);
  return grown;
}

/** A longer copy for `needed` items. */
export function grownUint8(
  array: Uint8Array<ArrayBuffer>,
  needed: number,
): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(nextLength(array.length, needed));
  grown.set(array);
  return grown;
}

/** A longer copy for `needed` items. */
export function grownFloat64(
  array: Float64Array<ArrayBuffer>,
  needed: number,
): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(nextLength(array.length, needed));
  grown.set(array);
  return grown;
}
