/**
 * A statement with its strings and comments blotted out, offset by offset, so that a search meets only what stands
 * outside of them. Quotes are `'` and `"`; a backslash takes the next character with it; comments are `--` to the end of
 * the line and the ones between slash and star.
 */

/** What a quoted character becomes. */
export const BLOT = '\u{1}';

/** A text and its shadow. */
export interface Masked {
  readonly text: string;
  /** As long as `text`: quoted characters are BLOT (the quotes too), comments are blanks. */
  readonly mask: string;
  /** The quote that is still open at the end, or a comment's slash. */
  readonly open: "'" | '"' | '/' | undefined;
}

const PARTS =
  /'[^'\\]*(?:\\[^][^'\\]*)*(?:'|\\?$)|"[^"\\]*(?:\\[^][^"\\]*)*(?:"|\\?$)|--[^\n]*|\/\*[^]*?(?:\*\/|$)/g;

/** Blots out strings and comments. */
export function masked(text: string): Masked {
  let open: Masked['open'];
  const mask = text.replaceAll(PARTS, (part) => {
    const first = part[0]!;
    if (first === '-') return ' '.repeat(part.length);
    if (first === '/') {
      if (part.length < 4 || !part.endsWith('*/')) open = '/';
      return ' '.repeat(part.length);
    }
    if (!isClosed(part)) open = first as "'" | '"';
    return BLOT.repeat(part.length);
  });
  return { text, mask, open };
}

/** Whether a quoted part ends with its own quote, not one behind a backslash. */
function isClosed(part: string): boolean {
  return /^(?:'[^'\\]*(?:\\[^][^'\\]*)*'|"[^"\\]*(?:\\[^][^"\\]*)*")$/.test(part);
}

/** Statements in a text, as far as they are whole. */
export interface Split {
  /** What semicolons end, without them. */
  readonly statements: readonly string[];
  /** What follows the last semicolon. */
  readonly rest: string;
}

/** Parts a text at its semicolons. */
export function splitStatements(text: string): Split {
  const { mask } = masked(text);
  const statements: string[] = [];
  let from = 0;
  for (let at = mask.indexOf(';'); at >= 0; at = mask.indexOf(';', from)) {
    statements.push(text.slice(from, at));
    from = at + 1;
  }
  return { statements, rest: text.slice(from) };
}

/** Whether nothing but blanks and comments is in it. */
export function isBlank(text: string): boolean {
  return masked(text).mask.trim() === '';
}
