/**
 * Makes statements of lines. At a terminal a statement ends with its semicolon (or `\G`, or is a command like `quit`).
 * In files it may also end with its line, as in 2.1.2, where one line was one statement: what has no semicolon is whole when
 * its quotes and parentheses are closed and the next line begins like a statement. A backslash at the end of a line
 * goes on with the next; lines that begin with `#` are comments.
 */
import { isBlank, masked, splitStatements } from './mask.ts';
import { standsAlone } from './statement.ts';

/** Lines of which sort. */
export type LineSource = 'terminal' | 'file';

const FIRST_WORD =
  /^\s*(?:alter|clear|compact|create|delete|desc|describe|drop|exit|explain|help|import|insert|kill|q|quit|reset|select|set|show|source|use)\b/i;
/** What cannot be the last word of a statement. */
const GOES_ON =
  /(?:[,(=<>+*/-]|\b(?:all|and|as|by|explain|from|in|into|or|select|tags|using|values|where))\s*$/i;

/** See the head of this file. */
export class LineJoiner {
  readonly #source: LineSource;
  #rest = '';
  /** What stands between the last line and the next: nothing behind a backslash. */
  #joint = '\n';

  constructor(source: LineSource) {
    this.#source = source;
  }

  /** Whether something waits for its end. */
  get isOpen(): boolean {
    return !isBlank(this.#rest) || masked(this.#rest).open !== undefined;
  }

  /** What waits. */
  get pending(): string {
    return this.#rest;
  }

  /** Takes a line, without its line feed; returns the statements that are whole now. */
  add(line: string): string[] {
    const whole: string[] = [];
    if (this.#source === 'file') {
      if (line.startsWith('#') && masked(this.#rest).open === undefined) return whole;
      if (this.#endsBefore(line)) whole.push(...this.finish());
    }
    const goesOn = this.#source === 'file' && line.endsWith('\\');
    const piece = goesOn ? `${line.slice(0, -1)} ` : line;
    const isWithin = this.#rest !== '';
    this.#rest = isWithin ? this.#rest + this.#joint + piece : piece;
    this.#joint = goesOn ? '' : '\n';
    // A long statement over many lines is looked at again only where it may end.
    if (goesOn || (isWithin && !/;|\\g\s*$/i.test(line))) return whole;
    const { statements, rest } = splitStatements(this.#rest);
    this.#rest = rest;
    whole.push(...statements);
    if (standsAlone(rest)) whole.push(...this.finish());
    else if (!this.isOpen) this.#rest = '';
    return whole;
  }

  /** No line follows: what waits is whole. */
  finish(): string[] {
    const rest = this.#rest;
    this.#rest = '';
    return isBlank(rest) ? [] : [rest];
  }

  /** Forgets what waits. */
  clear(): void {
    this.#rest = '';
  }

  #endsBefore(line: string): boolean {
    if (this.#rest === '' || !FIRST_WORD.test(line)) return false;
    const { mask, open } = masked(this.#rest);
    const isNested = mask.replaceAll(/[^(]/g, '').length > mask.replaceAll(/[^)]/g, '').length;
    return open === undefined && !isNested && !GOES_ON.test(mask);
  }
}
