/** Entry of an engine thread: an `Engine` on the real disk, clock and event loop, behind a MessagePort. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { assert, nodeFileSystem, systemClock, type Logger } from '@tdnode/common';
import { runFragment } from '@tdnode/query';
import { Engine } from './engine.ts';
import { nodeScheduler } from './port.ts';
import type { FromEngine, ToEngine } from './protocol.ts';
import type { ThreadData } from './start-threads.ts';

/** Messages taken in one drain; more would make the first of them wait. */
const DRAIN_MESSAGES_MAX = 256;

const port = parentPort;
assert(port !== null, 'engine-thread is the entry of a worker thread');
const { dataDir, keepDropped, index, count, debug, dnodeId, hasArbitrator } =
  workerData as ThreadData;

const post = (message: FromEngine, transfer: readonly ArrayBuffer[]): void => {
  port.postMessage(message, transfer as ArrayBuffer[]);
};

const logger: Logger = {
  error: (module, text) => post({ kind: 'log', level: 'error', module, text }, []),
  warn: (module, text) => post({ kind: 'log', level: 'warn', module, text }, []),
  info: (module, text) => post({ kind: 'log', level: 'info', module, text }, []),
  debug: (module, text) => {
    if (debug) post({ kind: 'log', level: 'debug', module, text: text() }, []);
  },
};

const engine = new Engine({
  place: { fs: nodeFileSystem, dataDir, keepDropped },
  clock: systemClock,
  logger,
  scheduler: nodeScheduler,
  post,
  runFragment,
  index,
  count,
  hasArbitrator,
  ...(dnodeId === undefined ? {} : { dnodeId }),
});

port.on('message', (first: ToEngine) => {
  const messages = [first];
  while (messages.length < DRAIN_MESSAGES_MAX) {
    const next = receiveMessageOnPort(port) as { message: ToEngine } | undefined;
    if (next === undefined) break;
    messages.push(next.message);
  }
  engine.drain(messages);
});
engine.start();
