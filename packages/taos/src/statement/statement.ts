/**
 * What a typed statement asks of the shell: its own commands (`quit`, `clear`, `set`, `source`, `insert … file`), and how
 * the answer of what goes to the server is shown (`\G`, `>> file`). Pure: text in, a description out.
 */
import { masked, type Masked } from './mask.ts';

/** Where an answer goes. */
export type Output =
  | { readonly kind: 'table' }
  | { readonly kind: 'vertical' }
  | { readonly kind: 'file'; readonly path: string };

/** Rows of a file for one table. */
export interface FileSource {
  /** What stands between `insert into` and `file`: table, perhaps tags and columns. */
  readonly target: string;
  readonly path: string;
}

/** A statement as the shell understands it. */
export type Statement =
  | { readonly kind: 'empty' | 'quit' | 'clear' | 'help' }
  | { readonly kind: 'setWidth'; /** undefined: the default. */ readonly width: number | undefined }
  | { readonly kind: 'source'; readonly path: string }
  | { readonly kind: 'insertFiles'; readonly sources: readonly FileSource[] }
  | {
      readonly kind: 'sql';
      readonly sql: string;
      readonly output: Output;
      /** A select without LIMIT: at a terminal only its first rows are shown. */
      readonly isLong: boolean;
      /** `use`, which answers by a sentence of its own. */
      readonly isUse: boolean;
    };

const QUIT = /^\s*(?:quit|q|exit)\s*$/i;
const CLEAR = /^\s*clear\s*$/i;
const HELP = /^\s*(?:help|\?)\s*$/i;
const SET_WIDTH = /^\s*set\s+max_binary_display_width\s+(default|[1-9]\d{0,8})\s*$/i;
const SOURCE = /^\s*source\s+(\S.*?)\s*$/is;
const USE = /^\s*use\s+\S+\s*$/i;
const SELECT = /^\s*select\b/i;

/** Understands one statement, without its semicolon. */
export function readStatement(text: string): Statement {
  const whole = masked(text);
  const { mask } = whole;
  if (mask.trim() === '') return { kind: 'empty' };
  if (QUIT.test(text)) return { kind: 'quit' };
  if (CLEAR.test(text)) return { kind: 'clear' };
  if (HELP.test(text)) return { kind: 'help' };
  const width = SET_WIDTH.exec(text)?.[1];
  if (width !== undefined) {
    const isDefault = width.toLowerCase() === 'default';
    return { kind: 'setWidth', width: isDefault ? undefined : Number(width) };
  }
  const source = SOURCE.exec(text)?.[1];
  if (source !== undefined) return { kind: 'source', path: unquoted(source) };
  const sources = fileSources(whole);
  if (sources !== undefined) return { kind: 'insertFiles', sources };
  return forServer(whole);
}

/** Whether a text is a command of the shell that needs no semicolon. */
export function standsAlone(text: string): boolean {
  return QUIT.test(text) || CLEAR.test(text) || HELP.test(text) || endsVertically(text);
}

/** Whether `\G` ends the text. */
function endsVertically(text: string): boolean {
  return /\\g\s*$/i.test(masked(text).mask);
}

function forServer({ text, mask }: Masked): Statement {
  const redirect = mask.indexOf('>>');
  const vertical = /\\g/i.exec(mask)?.index ?? -1;
  let output: Output = { kind: 'table' };
  let end = text.length;
  if (redirect >= 0) {
    output = { kind: 'file', path: unquoted(text.slice(redirect + 2).trim()) };
    end = redirect;
  } else if (vertical >= 0) {
    output = { kind: 'vertical' };
    end = vertical;
  }
  const sql = withControls(text.slice(0, end)).trim();
  const own = mask.slice(0, end);
  const isLong = SELECT.test(own) && output.kind === 'table' && !hasLimit(own);
  return { kind: 'sql', sql, output, isLong, isUse: USE.test(sql) };
}

/** Whether LIMIT stands outside all parentheses. */
function hasLimit(mask: string): boolean {
  let flat = mask;
  for (let before = ''; before !== flat;) {
    before = flat;
    flat = flat.replaceAll(/\([^()]*\)/g, ' ');
  }
  return /\blimit\b/i.test(flat);
}

/** `insert into t file 'a' [u file 'b' …]`; undefined where no FILE is. */
function fileSources({ text, mask }: Masked): FileSource[] | undefined {
  const into = /^\s*(?:insert|import)\s+into\s+/i.exec(mask);
  if (into === null || /\bvalues\b/i.test(mask)) return undefined;
  const sources: FileSource[] = [];
  let from = into[0].length;
  const clause = new RegExp(`\\bfile\\s*([^\\s,;]+)\\s*`, 'giu');
  for (const found of mask.matchAll(clause)) {
    const target = text.slice(from, found.index).trim();
    from = found.index + found[0].length;
    const path = text
      .slice(from - found[0].length, from)
      .trim()
      .replace(/^file\s*/i, '');
    if (target === '') return undefined;
    sources.push({ target, path: unquoted(path) });
  }
  return sources.length > 0 && mask.slice(from).trim() === '' ? sources : undefined;
}

function unquoted(text: string): string {
  const quoted = /^(['"])(.*)\1$/s.exec(text);
  return quoted === null ? text : quoted[2]!;
}

/** In strings `\n`, `\r` and `\t` are the characters they name: the shell does that, not the server. */
function withControls(sql: string): string {
  if (!sql.includes('\\')) return sql;
  return sql.replaceAll(/'[^'\\]*(?:\\[^][^'\\]*)*'|"[^"\\]*(?:\\[^][^"\\]*)*"/g, (string) =>
    string.replaceAll(/\\([^])/g, (pair, letter: string) => CONTROLS[letter] ?? pair),
  );
}

const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
