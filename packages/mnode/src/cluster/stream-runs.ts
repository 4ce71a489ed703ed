/** What the mnode hears of continuous queries, for `show streams`. */
import type { StreamProgress } from '@tdnode/rpc';

/** Where the runner on this dnode says how far each is. */
export interface StreamRuns {
  /** undefined: it has not run yet. */
  progressOf(uid: number): StreamProgress | undefined;
}

/** Where nothing runs. */
export const noStreamRuns: StreamRuns = { progressOf: () => undefined };
