/**
 * What a failed statement says. The first line is 2.1.2's: `DB error: <text> (0.000512s)`, where the text of a syntax error
 * shows what stands where it went wrong. At a terminal the place and the server's sentence follow below.
 */
import { ErrorCode, type TaosError } from '@tdnode/common';

/** Most characters of a statement that 2.1.2 shows: of a grammar error, of a value. */
const MAX_NEAR = 127;
const MAX_VALUE_NEAR = 63;
/** Most columns of a statement above the caret. */
const MAX_EXCERPT = 72;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The text behind `DB error: `. */
export function failureText(error: TaosError, sql: string): string {
  if (error.code === ErrorCode.TSC_SQL_SYNTAX_ERROR && error.position !== undefined) {
    return isInsert(sql) ? valueText(error, sql) : grammarText(error.position, sql);
  }
  return error.message.replace(/^invalid SQL: /, '');
}

function grammarText(position: number, sql: string): string {
  const rest = sql.slice(position).slice(0, MAX_NEAR);
  return rest === '' ? 'Incomplete SQL statement' : `syntax error near "${rest}"`;
}

function valueText({ position, detail = '' }: TaosError, sql: string): string {
  const rest = behind(sql, position!);
  const reason = /^[^:]*/.exec(detail)![0];
  if (reason === 'string data overflow') {
    const value = /^(?:'[^']*'|"[^"]*"|[^\s,)]*)/.exec(rest)![0].slice(0, MAX_VALUE_NEAR);
    return `invalid operation: ${value} (${reason})`;
  }
  const isOrder = reason === '' || reason.startsWith('no value for ');
  const near = rest.slice(0, MAX_VALUE_NEAR);
  return `syntax error near '${near}' (${isOrder ? 'invalid data or symbol' : reason})`;
}

/** Inserts are read as bytes: their positions count those. */
function behind(sql: string, position: number): string {
  return decoder.decode(encoder.encode(sql).subarray(position));
}

function isInsert(sql: string): boolean {
  return /^\s*(?:insert|import)\b/i.test(sql);
}

/** The lines that help a person: where it is, and what the server says of it. Empty: there is nothing to add. */
export function failureHint(error: TaosError, sql: string): string {
  const { detail, position } = error;
  if (position === undefined) return detail === undefined ? '' : `          ${detail}\n`;
  const rest = isInsert(sql) ? behind(sql, position) : sql.slice(position);
  const at = sql.length - rest.length;
  const line = sql.slice(sql.lastIndexOf('\n', at - 1) + 1).split('\n', 1)[0]!;
  const column = at - (sql.lastIndexOf('\n', at - 1) + 1);
  const from = Math.max(0, column - Math.floor(MAX_EXCERPT / 2));
  const excerpt = line.slice(from, from + MAX_EXCERPT);
  return `          ${excerpt}\n          ${' '.repeat(column - from)}^ ${detail ?? ''}\n`;
}
