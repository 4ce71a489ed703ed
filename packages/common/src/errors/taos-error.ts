/**
 * The operating error of the whole system: a numeric code that clients match, the text that TDengine
 * records for it (`desc` of the REST answer), and, apart from that, the sentence that helps: what was
 * wrong with which name or value, and where (`X-Taos-Detail`, the shell and the log print it).
 */
import { ErrorCode, errorText } from './codes.ts';

/** What an error carries beside code and text. */
export interface TaosErrorOptions {
  /** What was wrong with which name or value, in one sentence; never part of `desc`. */
  readonly detail?: string;
  /** Offset of the offending word in the statement, bytes or characters from 0. */
  readonly position?: number;
  readonly cause?: unknown;
}

/** Thrown for everything a user, a peer or a disk can do wrong. Matched by `code`, never by text. */
export class TaosError extends Error {
  override readonly name = 'TaosError';
  readonly code: number;
  readonly detail: string | undefined;
  readonly position: number | undefined;

  /** `text` is the REST `desc`; left out, it is the code's own text. */
  constructor(code: number, text?: string, options: TaosErrorOptions = {}) {
    super(
      text ?? errorText(code),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.detail = options.detail;
    this.position = options.position;
  }
}

/** 534 `Syntax error in SQL`; the detail says which word, the position where. */
export function syntaxError(detail: string, position?: number): TaosError {
  return new TaosError(ErrorCode.TSC_SQL_SYNTAX_ERROR, undefined, {
    detail,
    ...(position === undefined ? {} : { position }),
  });
}

/** 512 `invalid SQL: invalid operation: <reason>`: the statement parses but means nothing. */
export function invalidOperation(reason: string, detail?: string): TaosError {
  const text = `invalid SQL: invalid operation: ${reason}`;
  return new TaosError(
    ErrorCode.TSC_INVALID_OPERATION,
    text,
    detail === undefined ? {} : { detail },
  );
}

/** 256 with `not supported yet: <what>`: parsed, known, and not executed by this version. */
export function notSupportedYet(what: string): TaosError {
  return new TaosError(ErrorCode.COM_OPS_NOT_SUPPORT, `not supported yet: ${what}`);
}
