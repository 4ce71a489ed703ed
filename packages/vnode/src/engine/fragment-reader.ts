/** The reader's end of a fragment: batches as they come, credit back as they are taken. */
import type { FragmentStream } from '@tdnode/rpc';
import type { EnginePort } from './port.ts';
import { STREAM_CREDIT, fromWire, type FromEngine } from './protocol.ts';

/** See the head of this file. */
export class FragmentReader implements FragmentStream {
  readonly #id: number;
  readonly #port: EnginePort;
  readonly #onEnd: () => void;
  #batches: Uint8Array[] = [];
  #taken = 0;
  #isEnded = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(id: number, port: EnginePort, onEnd: () => void) {
    this.#id = id;
    this.#port = port;
    this.#onEnd = onEnd;
  }

  /** Takes what the engine sent. */
  receive({ batches, isLast, error }: Extract<FromEngine, { kind: 'rows' }>): void {
    this.#batches.push(...batches);
    if (error !== undefined) this.#error = fromWire(error);
    if (isLast) this.#end();
    this.#wake?.();
  }

  /** The engine is gone. */
  fail(error: Error): void {
    this.#error ??= error;
    this.#end();
    this.#wake?.();
  }

  cancel(): void {
    if (!this.#isEnded) this.#port.post({ kind: 'cancel', stream: this.#id }, []);
    this.#batches = [];
    this.#end();
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const batch = this.#batches.shift();
        if (batch !== undefined) {
          this.#giveCredit();
          yield batch;
          continue;
        }
        if (this.#error !== undefined) throw this.#error;
        if (this.#isEnded) return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
      }
    } finally {
      this.cancel();
    }
  }

  /** Half the credit at a time: fewer messages, and the engine never runs dry while the reader keeps up. */
  #giveCredit(): void {
    if (this.#isEnded || ++this.#taken < STREAM_CREDIT / 2) return;
    this.#port.post({ kind: 'credit', stream: this.#id, count: this.#taken }, []);
    this.#taken = 0;
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#onEnd();
  }
}
