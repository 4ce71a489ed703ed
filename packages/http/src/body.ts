/**
 * The body of a request: bounded while it arrives and again when it is unpacked. A body is only unpacked for
 * a client that is known.
 */
import type { IncomingMessage } from 'node:http';
import { gunzip } from 'node:zlib';
import { ErrorCode, TaosError } from '@tdnode/common';

/** Most bytes of a body, as sent and as unpacked. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Most bytes of a refused body that are read and thrown away, so that the client comes to read the answer. */
const MAX_DISCARDED_BYTES = 8 * MAX_BODY_BYTES;

const empty = Buffer.alloc(0);

/** Collects the body; rejects with 4356 when it is too large, or when the client goes away. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? Number.NaN);
  if (declared > MAX_BODY_BYTES) return Promise.reject(tooLarge());
  if (declared === 0) {
    request.resume();
    return Promise.resolve(empty);
  }
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    let more: Buffer[] | undefined;
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) {
        more = undefined;
        first = undefined;
        reject(tooLarge());
      } else if (first === undefined) first = chunk;
      else (more ??= [first]).push(chunk);
    });
    request.on('end', () => resolve(more === undefined ? (first ?? empty) : Buffer.concat(more)));
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('the client went away')));
  });
}

/** Throws away what is left of a body; ends the connection when that is too much. */
export function discardBody(request: IncomingMessage): void {
  let size = 0;
  request.removeAllListeners('data'); // what was collected goes with its listener
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_DISCARDED_BYTES) request.destroy();
  });
}

/** The body as the client meant it: `Content-Encoding: gzip` is undone. */
export function unpackBody(request: IncomingMessage, body: Buffer): Buffer | Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return body;
  if (!/^(x-)?gzip$/iu.test(encoding)) throw unreadable(`Content-Encoding ${encoding} is unknown`);
  return new Promise((resolve, reject) => {
    gunzip(body, { maxOutputLength: MAX_BODY_BYTES }, (error, unpacked) => {
      if (error === null) resolve(unpacked);
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') reject(tooLarge());
      else reject(unreadable('the gzip body is cut or damaged'));
    });
  });
}

function tooLarge(): TaosError {
  const detail = `at most ${MAX_BODY_BYTES} bytes are taken, before and after unpacking`;
  return new TaosError(ErrorCode.HTTP_REQUSET_TOO_BIG, undefined, { detail });
}

function unreadable(detail: string): TaosError {
  return new TaosError(ErrorCode.HTTP_PARSE_CHUNK_FAILED, undefined, { detail });
}
