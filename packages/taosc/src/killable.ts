/** Batches whose drawing can be ended from outside: whoever waits for the next one gets the error at once. */
import type { Batch } from '@tdnode/common';

/** What ends with the batches, and what may end them. */
export interface Ending {
  readonly signal: AbortSignal;
  /** Called once, when the batches are over, for whatever reason. */
  readonly onEnd: () => void;
}

/** The same batches; throws the signal's reason once it is aborted. */
export async function* killable(
  batches: AsyncGenerator<Batch>,
  { signal, onEnd }: Ending,
): AsyncGenerator<Batch> {
  let stop: (error: unknown) => void = () => undefined;
  const killed = new Promise<never>((_resolve, reject) => {
    stop = reject;
  });
  killed.catch(() => undefined);
  const onAbort = (): void => stop(signal.reason);
  signal.addEventListener('abort', onAbort);
  try {
    for (;;) {
      signal.throwIfAborted();
      const step = await Promise.race([batches.next(), killed]);
      // A killed fragment ends like one that is finished: what it gave so far is no answer.
      signal.throwIfAborted();
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    onEnd();
    // It may still wait for a vnode: nobody waits for it.
    batches.return(undefined).catch(() => undefined);
  }
}
