/** Passing over text, and errors that quote it. */
import { invalidOperation, type TaosError } from '@tdnode/common';

/** Bytes of the statement that an error quotes. */
const QUOTED_BYTES = 63;

/** The position behind the parenthesis that closes the one at `pos`, or -1 where none does. */
export function skipParentheses(sql: Uint8Array, pos: number, end: number): number {
  let depth = 0;
  for (let at = pos; at < end; at++) {
    const byte = sql[at]!;
    if (byte === 40) {
      depth++;
    } else if (byte === 41) {
      if (--depth === 0) return at + 1;
    } else if (byte === 39 || byte === 34) {
      at = endOfQuoted(sql, at, end);
    }
  }
  return -1;
}

/** The position of the quotation mark that closes the one at `pos`; a doubled one counts as two strings. */
function endOfQuoted(sql: Uint8Array, pos: number, end: number): number {
  const quote = sql[pos]!;
  let at = pos + 1;
  while (at < end && sql[at] !== quote) at += sql[at] === 92 ? 2 : 1;
  return at;
}

const utf8 = new TextDecoder();

/** 512 with the statement from `pos` on, as TDengine words it. */
export function operationAt(sql: Uint8Array, pos: number, reason: string): TaosError {
  const rest = utf8.decode(sql.subarray(pos, Math.min(sql.length, pos + QUOTED_BYTES)));
  return invalidOperation(`'${rest.trimEnd()}' (${reason})`);
}
