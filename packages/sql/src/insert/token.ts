/**
 * Tokens of an INSERT, read from bytes. Rules of TDengine 2.1:
 *
 *   integer := [+-] digits          float := [+-] digits [ '.' digits ] [ (e|E) [+-] digits ]
 *   hex     := 0x hexdigits         string := '…' or "…": \c is c, a doubled delimiter is one
 *   words   := null | true | false | now, in any case
 *
 * A sign belongs to a number only when it touches it; `.5` and `5.` are no numbers.
 */

/** Kinds of the tokens among values. */
export const TokenKind = {
  ILLEGAL: 0,
  INTEGER: 1,
  FLOAT: 2,
  HEX: 3,
  STRING: 4,
  NULL: 5,
  TRUE: 6,
  FALSE: 7,
  NOW: 8,
} as const;
/** The number of a kind. */
export type TokenKind = (typeof TokenKind)[keyof typeof TokenKind];

const latin1 = new TextDecoder('latin1');

/** The token read last; one object, reused. */
export class TokenReader {
  kind: TokenKind = TokenKind.ILLEGAL;
  /** Holds the token's text (without delimiters and escapes) at [from, to): the statement, or a scratch. */
  bytes: Uint8Array = new Uint8Array(0);
  from = 0;
  to = 0;
  #scratch = new Uint8Array(1024);

  /** Reads the token at `pos`; returns the position behind it. */
  read(sql: Uint8Array, pos: number, end: number): number {
    this.bytes = sql;
    this.from = pos;
    this.kind = TokenKind.ILLEGAL;
    const next = pos < end ? this.#scan(sql, pos, end) : pos;
    if ((this.kind as TokenKind) !== TokenKind.STRING) this.to = next;
    return next;
  }

  /** The token's text byte by byte, for the rare conversions. */
  text(): string {
    return latin1.decode(this.bytes.subarray(this.from, this.to));
  }

  #scan(sql: Uint8Array, pos: number, end: number): number {
    const byte = sql[pos]!;
    if (byte === 39 || byte === 34) return this.#string(sql, pos, end);
    if (isDigit(byte)) return this.#number(sql, pos, end);
    if ((byte === 43 || byte === 45) && pos + 1 < end && isDigit(sql[pos + 1]!)) {
      const next = this.#number(sql, pos + 1, end);
      if (this.kind === TokenKind.HEX) this.kind = TokenKind.ILLEGAL;
      return next;
    }
    return this.#word(sql, pos, end);
  }

  #word(sql: Uint8Array, pos: number, end: number): number {
    const next = endOfName(sql, pos, end);
    if (isWord(sql, pos, next, 'null')) this.kind = TokenKind.NULL;
    else if (isWord(sql, pos, next, 'true')) this.kind = TokenKind.TRUE;
    else if (isWord(sql, pos, next, 'false')) this.kind = TokenKind.FALSE;
    else if (isWord(sql, pos, next, 'now')) this.kind = TokenKind.NOW;
    return next;
  }

  #number(sql: Uint8Array, start: number, end: number): number {
    let pos = start;
    if (
      sql[pos] === 48 &&
      pos + 2 < end &&
      (sql[pos + 1]! | 32) === 120 &&
      isHexDigit(sql[pos + 2]!)
    ) {
      pos += 2;
      while (pos < end && isHexDigit(sql[pos]!)) pos++;
      this.kind = TokenKind.HEX;
    } else {
      this.kind = TokenKind.INTEGER;
      pos = endOfDigits(sql, pos, end);
      if (pos + 1 < end && sql[pos] === 46 && isDigit(sql[pos + 1]!)) {
        pos = endOfDigits(sql, pos + 1, end);
        this.kind = TokenKind.FLOAT;
      }
      const exponent = exponentDigits(sql, pos, end);
      if (exponent > 0) {
        pos = endOfDigits(sql, exponent, end);
        this.kind = TokenKind.FLOAT;
      }
    }
    if (pos < end && (isNameByte(sql[pos]!) || sql[pos] === 46)) this.kind = TokenKind.ILLEGAL;
    return pos;
  }

  #string(sql: Uint8Array, pos: number, end: number): number {
    const delimiter = sql[pos]!;
    this.from = pos + 1;
    for (let at = pos + 1; at < end; at++) {
      const byte = sql[at]!;
      if (byte === 92) return this.#escaped(sql, pos, end);
      if (byte !== delimiter) continue;
      if (at + 1 < end && sql[at + 1] === delimiter) return this.#escaped(sql, pos, end);
      this.to = at;
      this.kind = TokenKind.STRING;
      return at + 1;
    }
    return end;
  }

  #escaped(sql: Uint8Array, pos: number, end: number): number {
    const delimiter = sql[pos]!;
    if (this.#scratch.length < end - pos) this.#scratch = new Uint8Array((end - pos) * 2);
    const scratch = this.#scratch;
    let length = 0;
    for (let at = pos + 1; at < end; at++) {
      let byte = sql[at]!;
      if (byte === 92) {
        byte = at + 1 < end ? sql[++at]! : byte;
      } else if (byte === delimiter) {
        if (at + 1 >= end || sql[at + 1] !== delimiter) {
          this.bytes = scratch;
          this.from = 0;
          this.to = length;
          this.kind = TokenKind.STRING;
          return at + 1;
        }
        at++;
      }
      scratch[length++] = byte;
    }
    return end;
  }
}

/** Whether a byte is 0 to 9. */
export function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

function isHexDigit(byte: number): boolean {
  const lower = byte | 32;
  return isDigit(byte) || (lower >= 97 && lower <= 102);
}

/** By byte: 1 for letters, digits and `_`. */
const nameBytes = Uint8Array.from({ length: 256 }, (_, byte) =>
  /\w/.test(String.fromCharCode(byte)) ? 1 : 0,
);

/** A letter, a digit or `_`. */
export function isNameByte(byte: number): boolean {
  return nameBytes[byte] === 1;
}

/** Whether a byte separates tokens: space, tab, line ends; not the vertical tab. */
export function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13 && byte !== 11);
}

/** The position behind the letters, digits and `_` at `pos`. */
export function endOfName(sql: Uint8Array, pos: number, end: number): number {
  let at = pos;
  while (at < end && isNameByte(sql[at]!)) at++;
  return at;
}

function endOfDigits(sql: Uint8Array, pos: number, end: number): number {
  let at = pos;
  while (at < end && isDigit(sql[at]!)) at++;
  return at;
}

/** Where the digits of an exponent at `pos` begin, or 0. */
function exponentDigits(sql: Uint8Array, pos: number, end: number): number {
  if (pos + 1 >= end || (sql[pos]! | 32) !== 101) return 0;
  const sign = sql[pos + 1]!;
  const at = sign === 43 || sign === 45 ? pos + 2 : pos + 1;
  return at < end && isDigit(sql[at]!) ? at : 0;
}

/** Is `sql[from, to)` this lower-case ASCII word, in any case? */
export function isWord(sql: Uint8Array, from: number, to: number, word: string): boolean {
  if (to - from !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    if ((sql[from + i]! | 32) !== word.charCodeAt(i)) return false;
  }
  return true;
}
