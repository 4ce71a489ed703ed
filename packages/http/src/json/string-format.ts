/**
 * String values as JSON bytes. Stored bytes are UTF-8 (BINARY: any bytes) and are copied as they are, but for
 * `"`, `\` and control characters, which are escaped; a value that is not UTF-8 has U+FFFD where it is broken,
 * so that an answer is JSON whatever was stored.
 */
import { isUtf8 } from 'node:buffer';

/** Most bytes that one byte becomes (`\u001f`). */
export const MAX_ESCAPED_BYTES = 6;

const QUOTE = 34;
const BACKSLASH = 92;
const hex = '0123456789abcdef';
const decoder = new TextDecoder('utf-8');

/** Short escapes by character code: \b \t \n \f \r. */
const shortEscapes = new Map([
  [8, 98],
  [9, 116],
  [10, 110],
  [12, 102],
  [13, 114],
]);

/** Writes bytes `[from, to)` of `bytes` in quotes; needs 2 + MAX_ESCAPED_BYTES × (to - from) bytes. */
export function putString(
  out: Uint8Array,
  p: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  const start = p;
  out[p++] = QUOTE;
  let mayBeBroken = false;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte >= 128) mayBeBroken = true;
    if (byte >= 32 && byte !== QUOTE && byte !== BACKSLASH) out[p++] = byte;
    else p = putEscaped(out, p, byte);
  }
  out[p++] = QUOTE;
  if (mayBeBroken && !isUtf8(bytes.subarray(from, to))) {
    const mended = Buffer.from(decoder.decode(bytes.subarray(from, to)));
    return putString(out, start, mended, 0, mended.length);
  }
  return p;
}

function putEscaped(out: Uint8Array, p: number, byte: number): number {
  out[p] = BACKSLASH;
  if (byte === QUOTE || byte === BACKSLASH) {
    out[p + 1] = byte;
    return p + 2;
  }
  const short = shortEscapes.get(byte);
  if (short !== undefined) {
    out[p + 1] = short;
    return p + 2;
  }
  out[p + 1] = 117;
  out[p + 2] = 48;
  out[p + 3] = 48;
  out[p + 4] = hex.charCodeAt(byte >> 4);
  out[p + 5] = hex.charCodeAt(byte & 15);
  return p + 6;
}
