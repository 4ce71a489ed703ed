/**
 * The lexer: a cursor over the statement that holds one token as three numbers (kind, start, end) and makes
 * no object per token.
 *
 * Blanks and comments (`--` to the end of the line, `/*` to the end of the comment) separate tokens. The text
 * ends at its end or at a NUL character; the parser ends a statement at the first `;` and never looks behind it.
 */
import { isDigit, isSpace, isWordCharacter } from './characters.ts';
import { keywordAt } from './keyword.ts';
import { TokenKind } from './token-kind.ts';

/** Kinds of the tokens that are one character and begin no longer one. */
const singles = new Uint8Array(128);
singles[0x28] = TokenKind.LEFT_PAREN;
singles[0x29] = TokenKind.RIGHT_PAREN;
singles[0x2c] = TokenKind.COMMA;
singles[0x2e] = TokenKind.DOT;
singles[0x3b] = TokenKind.SEMICOLON;
singles[0x3a] = TokenKind.COLON;
singles[0x2a] = TokenKind.STAR;
singles[0x2f] = TokenKind.SLASH;
singles[0x25] = TokenKind.PERCENT;
singles[0x2b] = TokenKind.PLUS;
singles[0x2d] = TokenKind.MINUS;

/** Units that make a number a duration: b u a s m h d w n y, in either case. */
const units = new Uint8Array(128);
for (const unit of 'buasmhdwnyBUASMHDWNY') units[unit.charCodeAt(0)] = 1;

/** A position in a text; `next` goes on by one token. */
export class Lexer {
  readonly text: string;
  /** The current token: kind, and characters `[start, end)`. */
  kind: number = TokenKind.END;
  start = 0;
  end = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Moves to the next token; at the end of the text it stays on END. */
  advance(): void {
    const start = this.skipBlanks(this.end);
    const code = start < this.text.length ? this.text.charCodeAt(start) : 0;
    this.start = start;
    if (isDigit(code)) this.readNumber(start, code);
    else if (isWordCharacter(code)) this.readWord(start);
    else this.readOther(start, code);
  }

  private set(kind: number, end: number): void {
    this.kind = kind;
    this.end = end;
  }

  private skipBlanks(from: number): number {
    const text = this.text;
    let at = from;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (isSpace(code)) at++;
      else if (code === 0x2d && text.charCodeAt(at + 1) === 0x2d) at = this.endOf('\n', at + 2);
      else if (code === 0x2f && text.charCodeAt(at + 1) === 0x2a) at = this.endOf('*/', at + 2);
      else break;
    }
    return at;
  }

  /** Just behind the next `mark`, or the end of the text. */
  private endOf(mark: string, from: number): number {
    const found = this.text.indexOf(mark, from);
    return found < 0 ? this.text.length : found + mark.length;
  }

  private readWord(start: number): void {
    const text = this.text;
    let end = start + 1;
    while (end < text.length && isWordCharacter(text.charCodeAt(end))) end++;
    const keyword = keywordAt(text, start, end);
    if (keyword !== 0) this.set(keyword, end);
    else this.set(isBool(text, start, end) ? TokenKind.BOOL : TokenKind.ID, end);
  }

  /** `12`, `1.5`, `1e3`, `1.5E-3`, `10s`; `0x1` and `0b1` are refused; of `1.` only the `1` is a number. */
  private readNumber(start: number, first: number): void {
    const text = this.text;
    let end = skipDigits(text, start + 1);
    const next = text.charCodeAt(end);
    if (units[next] === 1 && !isWordCharacter(text.charCodeAt(end + 1))) {
      this.set(TokenKind.DURATION, end + 1);
      return;
    }
    if (first === 0x30 && end === start + 1 && (next === 0x78 || next === 0x62)) {
      this.set(TokenKind.ILLEGAL, end + 1);
      return;
    }
    let kind: number = TokenKind.INTEGER;
    if (next === 0x2e && isDigit(text.charCodeAt(end + 1))) {
      kind = TokenKind.FLOAT;
      end = skipDigits(text, end + 2);
    }
    const exponent = exponentDigits(text, end);
    if (exponent !== 0) {
      kind = TokenKind.FLOAT;
      end = skipDigits(text, exponent + 1);
    }
    this.set(kind, end);
  }

  private readOther(start: number, code: number): void {
    if (code === 0) {
      this.set(TokenKind.END, start);
      return;
    }
    const single = code < 128 ? singles[code]! : 0;
    if (single !== 0) this.set(single, start + 1);
    else if (code === 0x27 || code === 0x22) this.readString(start, code);
    else if (code === 0x5b) this.readBrackets(start);
    else this.readComparison(start, code);
  }

  /** A backslash takes the next character with it; a doubled quote stands for itself. */
  private readString(start: number, quote: number): void {
    const text = this.text;
    for (let at = start + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x5c) at++;
      else if (code === quote) {
        if (text.charCodeAt(at + 1) !== quote) {
          this.set(TokenKind.STRING, at + 1);
          return;
        }
        at++;
      }
    }
    this.set(TokenKind.ILLEGAL, text.length);
  }

  /** `[a]` is a word with its brackets; it names nothing, but that is for others to say. */
  private readBrackets(start: number): void {
    const close = this.text.indexOf(']', start + 1);
    if (close < 0) this.set(TokenKind.ILLEGAL, this.text.length);
    else this.set(TokenKind.ID, close + 1);
  }

  /** `=` and `==`, `<>` and `!=`, `<`, `<=`, `>`, `>=`. */
  private readComparison(start: number, code: number): void {
    const next = this.text.charCodeAt(start + 1);
    const long = start + 2;
    if (code === 0x3d) this.set(TokenKind.EQUAL, next === 0x3d ? long : start + 1);
    else if (code === 0x21 && next === 0x3d) this.set(TokenKind.NOT_EQUAL, long);
    else if (code === 0x3c && next === 0x3e) this.set(TokenKind.NOT_EQUAL, long);
    else if (code === 0x3c && next === 0x3d) this.set(TokenKind.LESS_EQUAL, long);
    else if (code === 0x3e && next === 0x3d) this.set(TokenKind.GREATER_EQUAL, long);
    else if (code === 0x3c && next !== 0x3c) this.set(TokenKind.LESS, start + 1);
    else if (code === 0x3e && next !== 0x3e) this.set(TokenKind.GREATER, start + 1);
    else this.set(TokenKind.ILLEGAL, start + 1);
  }
}

function skipDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

/** Where the digits of an exponent at `at` begin; 0 when there is none. */
function exponentDigits(text: string, at: number): number {
  if ((text.charCodeAt(at) | 0x20) !== 0x65) return 0;
  const next = text.charCodeAt(at + 1);
  if (isDigit(next)) return at + 1;
  return (next === 0x2b || next === 0x2d) && isDigit(text.charCodeAt(at + 2)) ? at + 2 : 0;
}

/** `true` or `false` in any case. */
function isBool(text: string, start: number, end: number): boolean {
  const length = end - start;
  if (length !== 4 && length !== 5) return false;
  const first = text.charCodeAt(start) | 0x20;
  if (first !== 0x74 && first !== 0x66) return false;
  const word = text.slice(start, end).toLowerCase();
  return word === 'true' || word === 'false';
}
