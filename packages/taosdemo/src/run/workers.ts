/** So many requests under way at a time: what 2.1.2 has threads for. */

/** Raised by Ctrl-C: what runs ends, nothing new begins. */
export interface Stop {
  readonly isAsked: boolean;
}

/** Runs `work` for workers 0 … count − 1 side by side; the first failure stops the others and is thrown. */
export async function runWorkers(
  count: number,
  stop: Stop,
  work: (worker: number, goesOn: () => boolean) => Promise<void>,
): Promise<void> {
  let hasFailed = false;
  const goesOn = (): boolean => !hasFailed && !stop.isAsked;
  const running = Array.from({ length: count }, async (_, worker) => {
    try {
      await work(worker, goesOn);
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  });
  const results = await Promise.allSettled(running);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** The share of `total` things that worker `worker` of `count` has: `[from, to)`. */
export function shareOf(total: number, worker: number, count: number): readonly [number, number] {
  const at = (index: number): number => Math.floor((total * index) / count);
  return [at(worker), at(worker + 1)];
}

/** Resolves after so many ms. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
