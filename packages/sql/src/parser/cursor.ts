/**
 * The parser's toolkit: a cursor over the tokens with the moves that every production is made of.
 *
 * Productions are functions `parseX(cursor)`, one token of lookahead, never going back. A production that does
 * not fit throws 534 with the offending word and its position.
 */
import { ErrorCode, TaosError, syntaxError } from '@tdnode/common';
import { Keyword, fallsBackToName } from '../lexer/keyword.ts';
import type { KeywordName } from '../lexer/keyword.ts';
import { Lexer } from '../lexer/lexer.ts';
import { TokenKind } from '../lexer/token-kind.ts';

/** What a statement may cost before it is refused; the defaults fit whatever 2.1.2 accepts. */
export interface ParseOptions {
  /** Characters; more is refused with 537. Default 1048576. */
  readonly maxSqlLength?: number;
  /** Tokens; more is refused with 534. Default 1048576. */
  readonly maxTokens?: number;
  /** Parentheses, calls and nested selects inside each other. Default 100. */
  readonly maxDepth?: number;
  /**
   * Height of an expression's tree: operators inside each other, as in `a + a + a + …`; runs of `and` and `or`
   * build low trees. It makes recursion over trees safe. Default 512.
   */
  readonly maxHeight?: number;
}

/** What productions are written with: look, expect, take. */
export class Cursor {
  /** Kind of the current token. */
  kind: number = TokenKind.END;
  /** Characters `[start, end)` of the current token. */
  start = 0;
  end = 0;
  /** Where the token before ended: the end of a node that is complete. */
  previousEnd = 0;
  /** Height of the expression parsed last; a leaf has 0. */
  height = 0;

  private readonly lexer: Lexer;
  private readonly maxDepth: number;
  private readonly maxHeight: number;
  private tokensLeft: number;
  private depth = 0;

  constructor(sql: string, options: ParseOptions = {}) {
    const maxSqlLength = options.maxSqlLength ?? 1_048_576;
    if (sql.length > maxSqlLength) {
      throw new TaosError(ErrorCode.TSC_EXCEED_SQL_LIMIT, undefined, {
        detail: `the statement has ${sql.length} characters, ${maxSqlLength} are allowed`,
      });
    }
    this.lexer = new Lexer(sql);
    this.maxDepth = options.maxDepth ?? 100;
    this.maxHeight = options.maxHeight ?? 512;
    this.tokensLeft = options.maxTokens ?? 1_048_576;
    this.next();
  }

  /** Moves to the next token. */
  next(): void {
    const lexer = this.lexer;
    this.previousEnd = lexer.end;
    lexer.advance();
    this.kind = lexer.kind;
    this.start = lexer.start;
    this.end = lexer.end;
    if (this.tokensLeft-- <= 0) this.fail('a shorter statement');
  }

  /** The statement's characters `[start, end)`. */
  slice(start: number, end: number): string {
    return this.lexer.text.slice(start, end);
  }

  /** The current token's text. */
  text(): string {
    return this.lexer.text.slice(this.start, this.end);
  }

  /** Takes a token of this kind, if it is the current one. */
  optional(kind: number): boolean {
    if (this.kind !== kind) return false;
    this.next();
    return true;
  }

  /** Takes a token of this kind; `what` names it in the error. */
  expect(kind: number, what: string): void {
    if (this.kind !== kind) this.fail(what);
    this.next();
  }

  atKeyword(name: KeywordName): boolean {
    return this.kind === Keyword[name];
  }

  optionalKeyword(name: KeywordName): boolean {
    return this.optional(Keyword[name]);
  }

  expectKeyword(name: KeywordName): void {
    this.expect(Keyword[name], name);
  }

  /** Whether the current token is this word, which is no keyword of 2.1.2. */
  atWord(word: string): boolean {
    return this.kind === TokenKind.ID && this.text().toLowerCase() === word;
  }

  /** Whether the current token may stand where a name is expected: identifiers, literals, fallback keywords. */
  atName(): boolean {
    const kind = this.kind;
    if (kind === TokenKind.ID || kind === TokenKind.STRING) return true;
    return isLiteralName(kind) || fallsBackToName(kind);
  }

  /** `item (',' item)*` */
  list<T>(parseItem: (cursor: Cursor) => T): T[] {
    const items = [parseItem(this)];
    while (this.optional(TokenKind.COMMA)) items.push(parseItem(this));
    return items;
  }

  /** `'(' item (',' item)* ')'` */
  listInParens<T>(parseItem: (cursor: Cursor) => T): T[] {
    this.expect(TokenKind.LEFT_PAREN, '(');
    const items = this.list(parseItem);
    this.expect(TokenKind.RIGHT_PAREN, ')');
    return items;
  }

  /** Runs `parse` one level deeper; too deep is refused. */
  nested<T>(parse: (cursor: Cursor) => T): T {
    if (++this.depth > this.maxDepth) this.fail(`at most ${this.maxDepth} levels of nesting`);
    const result = parse(this);
    this.depth--;
    return result;
  }

  /** Notes the height of the tree just built, in operators; too high is refused. */
  setHeight(height: number): void {
    if (height > this.maxHeight) this.fail(`at most ${this.maxHeight} operators inside each other`);
    this.height = height;
  }

  /** Throws 534: the current token is not what is expected. */
  fail(expected: string): never {
    const found =
      this.kind === TokenKind.END ? 'the end of the statement' : `"${shorten(this.text())}"`;
    throw syntaxError(
      `expected ${expected}, found ${found} at character ${this.start + 1}`,
      this.start,
    );
  }

  /** Throws 534: what begins at `start` and has been taken is not what is expected. */
  failAt(start: number, expected: string): never {
    const found = shorten(this.slice(start, this.previousEnd));
    throw syntaxError(`expected ${expected}, found "${found}" at character ${start + 1}`, start);
  }
}

/** Numbers and `true`: tokens that are names where nothing else fits (`order by 1`, `drop dnode 2`). */
function isLiteralName(kind: number): boolean {
  return kind === TokenKind.INTEGER || kind === TokenKind.FLOAT || kind === TokenKind.BOOL;
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
