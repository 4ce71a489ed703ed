/** The continuous queries of the cluster, run here while the mnode's master is here. */
import { systemClock } from '@tdnode/common';
import type { Config, Logger } from '@tdnode/common';
import type { Dnode } from '@tdnode/dnode';
import type { StreamProgress } from '@tdnode/rpc';
import { StreamRunner } from '@tdnode/taosc';
import { queryMemoryBytes } from './query-memory.ts';

/** Who tells the mnode that a query has ended of itself. */
const ROOT = { user: 'root', db: undefined, timezone: 'UTC' };

/** Begins to run them; `config` says delays as they are when it begins, `isOn` whether they run at all. */
export function startStreams(
  config: Config,
  dnode: Dnode,
  parts: {
    readonly logger: Logger;
    readonly isOn: () => boolean;
    /** Where `show streams` looks. */
    readonly progress: Map<number, StreamProgress>;
  },
): StreamRunner {
  const { logger, isOn, progress } = parts;
  const runner = new StreamRunner({
    environment: {
      mnode: dnode.mnode,
      vnodes: dnode.vnodes,
      version: config.version,
      keepColumnName: config.keepColumnName === 1,
      memoryBudgetBytes: queryMemoryBytes(config),
      clock: systemClock,
    },
    clock: systemClock,
    logger,
    definitions: () => dnode.streams,
    isOn,
    finish: async ({ id }) => void (await dnode.mnode.execute(`kill stream ${id}`, ROOT)),
    delays: {
      ratio: config.streamCompDelayRatio,
      maxMs: config.maxStreamCompDelay,
      firstMs: config.maxFirstStreamCompDelay,
      retryMs: config.retryStreamCompDelay,
    },
    progress,
  });
  runner.start();
  return runner;
}
