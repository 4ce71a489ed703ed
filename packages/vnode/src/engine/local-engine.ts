/** An engine in the caller's own thread, for unit tests and tools: same messages, no threads, no copies. */
import type { EngineServices } from './engine.ts';
import { Engine } from './engine.ts';
import { EngineClient } from './engine-client.ts';
import type { EnginePort } from './port.ts';
import type { FromEngine, ToEngine } from './protocol.ts';

/** What a local engine stands on: as a threaded one, without the thread's parts. */
export type LocalEngineServices = Omit<EngineServices, 'post' | 'index' | 'count'>;

/** Starts one engine for all vnodes of the place and returns its client. */
export function startLocalEngine(services: LocalEngineServices): Promise<EngineClient> {
  const { scheduler, logger } = services;
  return EngineClient.start([localPort(services)], { scheduler, logger });
}

function localPort(services: LocalEngineServices): EnginePort {
  let receive: (message: FromEngine) => void = () => {};
  let inbox: ToEngine[] = [];
  let outbox: FromEngine[] = [];
  const deliver = (): void => {
    const messages = outbox;
    outbox = [];
    for (const message of messages) receive(message);
  };
  const post = (message: FromEngine): void => {
    if (outbox.push(message) === 1) services.scheduler.soon(deliver);
  };
  const engine = new Engine({ ...services, post, index: 0, count: 1 });
  const drain = (): void => {
    const messages = inbox;
    inbox = [];
    engine.drain(messages);
  };
  return {
    post: (message) => {
      if (inbox.push(message) === 1) services.scheduler.soon(drain);
    },
    listen: (listener) => {
      receive = listener;
      services.scheduler.soon(() => engine.start());
    },
    onGone: () => {},
    terminate: async () => {},
  };
}
