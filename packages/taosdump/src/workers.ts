/** Things to be done by so many workers side by side. */

/** Runs `work` for each thing; the first failure lets what runs end and is thrown. */
export async function runWorkers<T>(
  count: number,
  things: readonly T[],
  work: (thing: T, worker: number) => Promise<void>,
): Promise<void> {
  const left = things.values();
  const state = { hasFailed: false };
  const workers = Array.from({ length: Math.min(count, things.length) }, async (_, worker) => {
    try {
      for (const thing of left) {
        await work(thing, worker);
        if (state.hasFailed) return;
      }
    } catch (error) {
      state.hasFailed = true;
      throw error;
    }
  });
  const results = await Promise.allSettled(workers);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
