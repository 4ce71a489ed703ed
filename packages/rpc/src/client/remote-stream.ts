/**
 * The reader's end of a streamed answer. Bytes are taken from the socket only as items are asked for, so the
 * sender waits for the reader; leaving the loop, or `cancel`, closes the socket, which cancels the other end.
 */
import { ErrorCode, TaosError } from '@tdnode/common';
import { decode } from '../codec/encode.ts';
import { malformed } from '../codec/shape.ts';
import { MAX_STREAM_FRAME_BYTES } from '../limits/limits.ts';
import { NetworkError, errorOf, failureShape } from '../messages/failure.ts';
import { FrameKind, FrameReader, type Frame } from '../messages/stream-frame.ts';
import type { FragmentStream } from '../services/vnode-service.ts';
import { networkFailure } from './network-failure.ts';

/** See the head of this file. */
export class RemoteStream implements FragmentStream {
  readonly #endPoint: string;
  readonly #opening: Promise<AsyncIterable<Uint8Array>>;
  readonly #controller: { abort(): void };
  #isCancelled = false;

  constructor(
    endPoint: string,
    opening: Promise<AsyncIterable<Uint8Array>>,
    controller: { abort(): void },
  ) {
    this.#endPoint = endPoint;
    this.#opening = opening;
    this.#controller = controller;
    opening.catch(() => undefined); // the reader gets it
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#controller.abort();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      const body = await this.#opening;
      for await (const frame of framesOf(body)) {
        if (frame.kind === FrameKind.end) return;
        if (frame.kind !== FrameKind.item) throw malformed(`a frame of kind ${frame.kind}`);
        yield frame.payload;
      }
    } catch (error) {
      if (this.#isCancelled) return;
      throw error instanceof TaosError ? error : networkFailure(this.#endPoint, error);
    } finally {
      this.cancel();
    }
  }
}

/** Whole frames up to `end`, that one too; a failure frame, and an end without one, throw. */
export async function* framesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const reader = new FrameReader(MAX_STREAM_FRAME_BYTES);
  for await (const piece of body) {
    for (const frame of reader.feed(piece)) {
      if (frame.kind === FrameKind.failure) throw errorOf(decode(failureShape, frame.payload));
      yield frame;
      if (frame.kind === FrameKind.end) return;
    }
  }
  throw new NetworkError(ErrorCode.RPC_NETWORK_UNAVAIL, true, 'an answer broke off in the middle');
}
