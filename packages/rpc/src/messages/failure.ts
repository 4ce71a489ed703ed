/** How a call fails, as both ends see it: the error's code, text, detail and position travel whole. */
import { ErrorCode, TaosError } from '@tdnode/common';
import { count, list, optional, struct, text, type Shape } from '../codec/shape.ts';

const MAX_TEXT_BYTES = 4096;
const MAX_PLACES = 16;

/** The asked one is not the master; thrown by handlers and, on the other end, by the call. */
export class RedirectError extends TaosError {
  /** End points to ask instead, the likeliest first; empty: nobody knows at the moment, ask again soon. */
  readonly where: readonly string[];

  constructor(where: readonly string[], detail?: string) {
    super(ErrorCode.RPC_REDIRECT, undefined, detail === undefined ? {} : { detail });
    this.where = where;
  }
}

/** No answer came. */
export class NetworkError extends TaosError {
  /** Whether the request may have arrived, so that what it asks may be done. */
  readonly wasSent: boolean;

  constructor(code: number, wasSent: boolean, detail: string, cause?: unknown) {
    super(code, undefined, { detail, cause });
    this.wasSent = wasSent;
  }
}

/** A failure on the wire. */
export interface Failure {
  readonly code: number;
  readonly text: string;
  readonly detail?: string;
  readonly position?: number;
  /** Only with a redirect. */
  readonly where?: readonly string[];
}

/** See Failure. */
export const failureShape: Shape<Failure> = struct<Failure>({
  code: count,
  text: text(MAX_TEXT_BYTES),
  detail: optional(text(MAX_TEXT_BYTES)),
  position: optional(count),
  where: optional(list(text(256), MAX_PLACES)),
});

/** What leaves for an error of any kind; a bug says no more than its first line. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof TaosError)) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      code: ErrorCode.RPC_APP_ERROR,
      text: 'Unexpected generic error in RPC',
      detail: short(detail),
    };
  }
  return {
    code: error.code,
    text: short(error.message),
    ...(error.detail === undefined ? {} : { detail: short(error.detail) }),
    ...(error.position === undefined ? {} : { position: error.position }),
    ...(error instanceof RedirectError ? { where: error.where.slice(0, MAX_PLACES) } : {}),
  };
}

/** The error that a failure was. */
export function errorOf({ code, text: message, detail, position, where }: Failure): TaosError {
  if (where !== undefined) return new RedirectError(where, detail);
  return new TaosError(code, message, {
    ...(detail === undefined ? {} : { detail }),
    ...(position === undefined ? {} : { position }),
  });
}

/** At most MAX_TEXT_BYTES of UTF-8, whatever the characters. */
function short(message: string): string {
  return message.length * 3 <= MAX_TEXT_BYTES ? message : message.slice(0, MAX_TEXT_BYTES / 3);
}
