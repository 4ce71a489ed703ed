/**
 * A streamed answer: frames leave as the reader takes them, and what makes them is cancelled when it goes away
 * or takes nothing for two minutes. An error behind the first frame is a failure frame; a stream that ends
 * without `end` or `failure` broke.
 */
import type { ServerResponse } from 'node:http';
import { encode } from '../codec/encode.ts';
import { STALLED_READER_MS } from '../limits/limits.ts';
import { failureOf, failureShape } from '../messages/failure.ts';
import { FrameKind, frameHeader } from '../messages/stream-frame.ts';

/** What can be streamed: `FragmentStream` is one. */
export interface CancellableStream extends AsyncIterable<Uint8Array> {
  cancel(): void;
}

/** Sends all items; resolves when the answer ended, also when it broke. */
export async function sendStream(
  response: ServerResponse,
  items: CancellableStream,
  head?: Uint8Array,
): Promise<void> {
  const onClose = (): void => items.cancel();
  response.once('close', onClose);
  try {
    if (head !== undefined) await sendFrame(response, FrameKind.head, head);
    for await (const item of items) {
      if (response.destroyed) return;
      await sendFrame(response, FrameKind.item, item);
    }
    await sendFrame(response, FrameKind.end, new Uint8Array(0));
  } catch (error) {
    if (!response.destroyed) {
      await sendFrame(response, FrameKind.failure, encode(failureShape, failureOf(error)));
    }
  } finally {
    response.off('close', onClose);
    response.end();
  }
}

async function sendFrame(
  response: ServerResponse,
  kind: FrameKind,
  payload: Uint8Array,
): Promise<void> {
  if (response.destroyed) return;
  response.cork();
  response.write(frameHeader(kind, payload.length));
  const hasRoom = response.write(payload);
  response.uncork();
  if (!hasRoom) await roomIn(response);
}

/** Resolves when the socket takes more, or closed. */
function roomIn(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), STALLED_READER_MS);
    const done = (): void => {
      clearTimeout(timer);
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}
