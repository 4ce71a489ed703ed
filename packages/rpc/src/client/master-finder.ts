/**
 * Calls to whichever mnode is the master: the one that answered last is asked first, redirects are followed, and
 * when one does not answer the next is asked, until the deadline. What is not idempotent is sent again only if
 * it surely did not arrive.
 */
import { ErrorCode, TaosError, type Clock, type Random } from '@tdnode/common';
import type { Call } from '../messages/call.ts';
import { NetworkError, RedirectError } from '../messages/failure.ts';
import type { CallLimits, RpcClient } from './rpc-client.ts';

/** Pause before everybody is asked again; an election takes longer than the first. */
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 500;

/** What a finder stands on. */
export interface MasterFinderOptions {
  readonly client: RpcClient;
  /** End points of the mnodes, the likeliest master first; may change at any time. */
  readonly mnodes: () => readonly string[];
  /** False where an end point surely does not answer: it is asked last. */
  readonly mayAnswer?: (endPoint: string) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** How long a call may look for a master. Default 10 s. */
  readonly searchMs?: number;
}

/** See the head of this file. */
export class MasterFinder {
  readonly #options: MasterFinderOptions;
  #master: string | undefined;

  constructor(options: MasterFinderOptions) {
    this.#options = options;
  }

  /** The end point that answered last as the master. */
  get master(): string | undefined {
    return this.#master;
  }

  /** Asks the master. */
  async call<Q, R>(call: Call<Q, R>, request: Q, limits: CallLimits = {}): Promise<R> {
    const { clock, searchMs = 10_000 } = this.#options;
    const begin = clock.monotonic();
    const end = begin + searchMs;
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      const isEarly = clock.monotonic() < begin + searchMs / 2;
      const failure = await this.#round(call, request, { ...limits, isEarly });
      if ('value' in failure) return failure.value;
      if (limits.signal?.aborted === true || clock.monotonic() + pauseMs > end) throw failure.error;
      await this.#pause(pauseMs, limits.signal);
      pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS);
    }
  }

  /**
   * Asks each mnode once, redirects first. Throws what asking again would not change. Early in a search nobody waits for
   * one that is silent while one that answers may become master.
   */
  async #round<Q, R>(
    call: Call<Q, R>,
    request: Q,
    { isEarly, ...limits }: CallLimits & { readonly isEarly: boolean },
  ): Promise<{ readonly value: R } | { readonly error: TaosError }> {
    const asked = new Set<string>();
    const queue = [...this.#options.mnodes()];
    const { mayAnswer = () => true } = this.#options;
    const askFirst = (endPoints: readonly string[]): void => {
      queue.unshift(...endPoints.filter((endPoint) => mayAnswer(endPoint)));
      queue.push(...endPoints);
    };
    if (this.#master !== undefined) askFirst([this.#master]);
    let hasAnswered = false;
    let last: TaosError = new TaosError(ErrorCode.MND_NOT_READY, undefined, {
      detail: 'this dnode does not know where the mnodes are yet',
    });
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (asked.has(next)) continue;
      if (isEarly && hasAnswered && !mayAnswer(next)) break;
      asked.add(next);
      try {
        const value = await this.#options.client.call(next, call, request, limits);
        this.#master = next;
        return { value };
      } catch (error) {
        if (!isWorthAnother(error, call.isIdempotent)) throw error;
        if (this.#master === next) this.#master = undefined;
        hasAnswered ||= !(error instanceof NetworkError);
        if (error instanceof RedirectError) askFirst(error.where);
        else last = error;
      }
    }
    return { error: last };
  }

  #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms * (0.5 + this.#options.random.next() / 2));
      signal?.addEventListener('abort', done, { once: true });
    });
  }
}

function isWorthAnother(error: unknown, isIdempotent: boolean): error is TaosError {
  if (error instanceof RedirectError) return true;
  if (error instanceof NetworkError) return isIdempotent || !error.wasSent;
  return error instanceof TaosError && error.code === ErrorCode.MND_NOT_READY;
}
