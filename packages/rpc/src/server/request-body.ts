/**
 * The body of a request whose sender is known by now. It must say its length; no memory is taken above the limit,
 * and what comes beyond the said length ends the request.
 */
import type { IncomingMessage } from 'node:http';
import { ErrorCode, TaosError } from '@tdnode/common';

/** The whole body, in a buffer of its own. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const said = request.headers['content-length'];
  const length = said === undefined ? Number.NaN : Number(said);
  if (!Number.isSafeInteger(length) || length < 0)
    throw refused('a request must say the length of its body');
  if (length > maxBytes) throw refused(`a body of ${length} bytes, ${maxBytes} are allowed`);
  const body = new Uint8Array(length);
  let used = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    body.set(chunk, used);
    used += chunk.length;
  }
  if (used < length) throw refused(`a body of ${used} bytes, ${length} were said`);
  return body;
}

function refused(detail: string): TaosError {
  return new TaosError(ErrorCode.SYN_INVALID_MSGLEN, undefined, { detail });
}
