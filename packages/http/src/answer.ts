/** Short answers: acknowledgements, notices and errors, each in one write. */
import type { ServerResponse } from 'node:http';
import { CorruptionError, ErrorCode, TaosError, errorHttpStatus } from '@tdnode/common';
import { errorAnswer } from './json/envelope.ts';

/** Bytes of `X-Taos-Detail` at most. */
const MAX_DETAIL = 512;

/** Headers of every answer, as name and value in turn. */
export const commonHeaders: readonly string[] = [
  'Content-Type',
  'application/json;charset=utf-8',
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Allow-Methods',
  'POST, GET, OPTIONS, DELETE, PUT',
  'Access-Control-Allow-Headers',
  'Accept, Authorization, Content-Type, X-Requested-With',
];

/** Sends a whole text. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: readonly string[] = [],
): void {
  const length = String(Buffer.byteLength(text));
  response.writeHead(status, [...commonHeaders, 'Content-Length', length, ...headers]);
  response.end(text);
}

/** Sends an error with its code, its status and, as a header, what helps. */
export function sendError(response: ServerResponse, error: TaosError): void {
  const headers: string[] = [];
  let status = errorHttpStatus(error.code);
  if (error.code === ErrorCode.HTTP_NO_AUTH_INFO) headers.push('WWW-Authenticate', 'Basic');
  if (error.code === ErrorCode.RPC_APP_ERROR) status = 500;
  const detail = detailOf(error);
  if (detail !== '') headers.push('X-Taos-Detail', detail);
  sendText(response, status, errorAnswer(error), headers);
}

/** What may be told of any thrown thing. */
export function asTaosError(error: unknown): TaosError {
  if (error instanceof TaosError) return error;
  const options = { cause: error };
  if (error instanceof CorruptionError) {
    const detail = error.message;
    return new TaosError(ErrorCode.COM_FILE_CORRUPTED, undefined, { ...options, detail });
  }
  return new TaosError(ErrorCode.RPC_APP_ERROR, undefined, options);
}

/** One line of printable ASCII, bounded: a header must not carry what a statement put into it. */
function detailOf(error: TaosError): string {
  if (error.detail === undefined) return '';
  const place = error.position === undefined ? '' : ` (at ${error.position})`;
  return `${error.detail.slice(0, MAX_DETAIL)}${place}`.replaceAll(/[^\x20-\x7e]/gu, '?');
}
