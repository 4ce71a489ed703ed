/**
 * A fragment's rows from whichever dnode answers: opened at once, and opened again elsewhere as long as no row has come.
 * After the first row a failure is a failure, for nobody knows which rows the reader has.
 */
import type { FragmentStream } from '@tdnode/rpc';

/** How a stream is opened, and what follows a failure. */
export interface StreamRoute {
  /** Opens the stream where it is likeliest. */
  readonly open: () => FragmentStream;
  /** Resolves when another `open` makes sense, rejects with what the reader is to know. */
  readonly retry: (error: unknown) => Promise<void>;
}

/** See the head of this file. */
export class RoutedStream implements FragmentStream {
  readonly #route: StreamRoute;
  #current: FragmentStream | undefined;
  #openError: unknown;
  #isCancelled = false;

  constructor(route: StreamRoute) {
    this.#route = route;
    this.#open();
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#current?.cancel();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    let hasRows = false;
    try {
      while (!this.#isCancelled) {
        try {
          if (this.#current === undefined) throw this.#openError;
          for await (const item of this.#current) {
            hasRows = true;
            yield item;
          }
          return;
        } catch (error) {
          if (hasRows || this.#isCancelled) throw error;
          await this.#route.retry(error);
          this.#open();
        }
      }
    } finally {
      this.cancel();
    }
  }

  /** What fails here, fails for the reader. */
  #open(): void {
    this.#current = undefined;
    try {
      this.#current = this.#route.open();
    } catch (error) {
      this.#openError = error;
    }
  }
}
