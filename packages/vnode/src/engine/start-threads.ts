/** Starts the engine threads of a dnode. They run the built code: a worker cannot load TypeScript. */
import { Worker } from 'node:worker_threads';
import type { Logger } from '@tdnode/common';
import { EngineClient } from './engine-client.ts';
import { nodeScheduler, type EnginePort } from './port.ts';
import type { FromEngine } from './protocol.ts';

/** How the engines of a dnode are started. */
export interface EngineThreadsOptions {
  readonly dataDir: string;
  /** Threads; one per core. */
  readonly engines: number;
  /** Whether a dropped vnode is kept in vnode_bak/ (`vnodeBak`). */
  readonly keepDropped: boolean;
  readonly logger: Logger;
  /** Whether the engines send debug lines at all. */
  readonly debug?: boolean;
  /** Which dnode this is; left out: not known yet (`EngineClient.identify`). */
  readonly dnodeId?: number;
  /** Whether taos.cfg names an arbitrator. */
  readonly hasArbitrator?: boolean;
}

/** What a thread is told at its start. */
export interface ThreadData {
  readonly dataDir: string;
  readonly keepDropped: boolean;
  readonly index: number;
  readonly count: number;
  readonly debug: boolean;
  readonly dnodeId: number | undefined;
  readonly hasArbitrator: boolean;
}

/** Starts the threads; resolves when all vnodes on disk are open (or known not to be). */
export function startEngineThreads(options: EngineThreadsOptions): Promise<EngineClient> {
  const { dataDir, keepDropped, engines: count, logger, dnodeId } = options;
  const { debug = false, hasArbitrator = false } = options;
  const ports = Array.from({ length: count }, (_, index) =>
    threadPort({ dataDir, keepDropped, index, count, debug, dnodeId, hasArbitrator }),
  );
  return EngineClient.start(ports, { scheduler: nodeScheduler, logger });
}

/**
 * An engine's short-lived memory: what one drain makes dies with it. V8's default of 48 costs 4 MiB more an idle
 * engine and 20 to 30 MiB under load, and saves no CPU (I1 to I3 of the benchmark, A/B).
 */
const YOUNG_GENERATION_MIB = 4;

function threadPort(data: ThreadData): EnginePort {
  // No flags of the parent's: a test runner's would have the thread load sources instead of the built code.
  const worker = new Worker(new URL('./engine-thread.js', import.meta.url), {
    workerData: data,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
  });
  let isEnding = false;
  return {
    post: (message, transfer) => worker.postMessage(message, transfer as ArrayBuffer[]),
    listen: (receive) => void worker.on('message', (message: FromEngine) => receive(message)),
    onGone: (gone) => {
      worker.on('error', gone);
      worker.on('exit', (code) => {
        if (!isEnding) gone(new Error(`exit code ${code}`));
      });
    },
    terminate: async () => {
      isEnding = true;
      await worker.terminate();
    },
  };
}
