/**
 * The fragments that run in an engine: generators, pumped in turn, a slice each, as long as their readers have
 * given credit. A fragment that waits for credit holds its cursors open and costs nothing else.
 */
import type { Clock } from '@tdnode/common';
import { STREAM_CREDIT, toWire, type WireError } from './protocol.ts';
import type { PostFromEngine } from './port.ts';

/** A fragment under way: yields encoded batches, or undefined where it may be interrupted. */
export type RunningFragment = Generator<Uint8Array | undefined>;

interface Stream {
  readonly id: number;
  readonly fragment: RunningFragment;
  /** The vnode it reads. */
  readonly vgId: number;
  credit: number;
}

/** See the head of this file. */
export class FragmentRunner {
  readonly #post: PostFromEngine;
  readonly #clock: Clock;
  readonly #streams = new Map<number, Stream>();

  constructor(post: PostFromEngine, clock: Clock) {
    this.#post = post;
    this.#clock = clock;
  }

  /** Whether some fragment could go on now. */
  get isRunnable(): boolean {
    for (const stream of this.#streams.values()) if (stream.credit > 0) return true;
    return false;
  }

  start(id: number, vgId: number, fragment: RunningFragment): void {
    this.#streams.set(id, { id, vgId, fragment, credit: STREAM_CREDIT });
  }

  /** The reader of a stream has taken batches. */
  addCredit(id: number, count: number): void {
    const stream = this.#streams.get(id);
    if (stream !== undefined) stream.credit += count;
  }

  /** The reader is gone. */
  cancel(id: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#streams.delete(id);
    stream.fragment.return(undefined);
  }

  /** Ends the fragments on one vnode with an error: it is being dropped or closed. */
  abort(vgId: number, error: WireError): void {
    for (const stream of this.#streams.values()) {
      if (stream.vgId !== vgId) continue;
      this.cancel(stream.id);
      this.#post({ kind: 'rows', stream: stream.id, batches: [], isLast: true, error }, []);
    }
  }

  /** Runs fragments in turn until `deadline` (monotonic ms), each at least for one of its slices. */
  pump(deadline: number): void {
    let isProgress = true;
    while (isProgress) {
      isProgress = false;
      for (const stream of this.#streams.values()) {
        if (stream.credit <= 0) continue;
        this.#step(stream);
        isProgress = true;
        if (this.#clock.monotonic() >= deadline) return;
      }
    }
  }

  /** Runs one fragment up to the end of its slice, its credit, or itself. */
  #step(stream: Stream): void {
    const batches: Uint8Array[] = [];
    let isLast = false;
    let error: WireError | undefined;
    try {
      while (stream.credit > 0) {
        const step = stream.fragment.next();
        if (step.done === true) {
          isLast = true;
          break;
        }
        if (step.value === undefined) break;
        batches.push(owned(step.value));
        stream.credit--;
      }
    } catch (cause) {
      isLast = true;
      error = toWire(cause);
    }
    if (isLast) this.#streams.delete(stream.id);
    else {
      // It waits with what it has, at the end of the round: first come, first served again.
      this.#streams.delete(stream.id);
      this.#streams.set(stream.id, stream);
    }
    if (batches.length === 0 && !isLast) return;
    const message = {
      kind: 'rows',
      stream: stream.id,
      batches,
      isLast,
      ...(error === undefined ? {} : { error }),
    } as const;
    this.#post(
      message,
      batches.map((batch) => batch.buffer as ArrayBuffer),
    );
  }
}

/** The batch in a buffer of its own, which may be given away. */
function owned(batch: Uint8Array): Uint8Array {
  return batch.byteLength === batch.buffer.byteLength ? batch : batch.slice();
}
