/** Batches whose drawing can be ended from outside: whoever waits for the next one gets the error at once. */
import type { Batch } from '@tdnode/common';

/** What ends with the batches, and what may end them. */
export interface Ending {
  readonly signal: AbortSignal;
  /** Called when the batches are over, for whatever reason, or the signal is aborted, drawn or not; perhaps twice. */
  readonly onEnd: () => void;
}

/** The same batches; throws the signal's reason once it is aborted. */
export function killable(batches: AsyncGenerator<Batch>, ending: Ending): AsyncGenerator<Batch> {
  // A client that takes nothing must not keep a killed query listed.
  ending.signal.addEventListener('abort', ending.onEnd, { once: true });
  return drawn(batches, ending);
}

async function* drawn(
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
    signal.removeEventListener('abort', onEnd);
    onEnd();
    // It may still wait for a vnode: nobody waits for it.
    batches.return(undefined).catch(() => undefined);
  }
}
