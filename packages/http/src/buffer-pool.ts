/** Buffers that answers are written into, used again once the socket has taken their bytes. */

/** Large enough that a write costs little beside its bytes, small enough for a slow client. */
const ANSWER_BUFFER_BYTES = 64 * 1024;
/** Idle buffers kept: 4 MiB. */
const MAX_IDLE = 64;

/** A bounded stock of buffers of one size. */
export class BufferPool {
  readonly #idle: Buffer[] = [];

  /** A buffer with whatever bytes it had. */
  take(): Buffer {
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(ANSWER_BUFFER_BYTES);
  }

  /** Takes a buffer back; nobody may hold a view of it. */
  give(buffer: Buffer): void {
    const isOurs = buffer.length === ANSWER_BUFFER_BYTES;
    if (isOurs && this.#idle.length < MAX_IDLE) this.#idle.push(buffer);
  }
}
