/**
 * What a load balancer, a container or a service script asks, without a password: does the process answer
 * (`/-/healthy`), does it answer statements (`/-/ready`). The answers carry no name, number or path of the cluster.
 * Other generations' spellings (`/-/ping`, `/health`, `/ready`) are the same.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Resolves when statements are answered here; rejects with an error whose message says why they are not. */
export type ReadyProbe = () => Promise<void>;

/** A probe that takes longer than this says no: whoever asks does not wait for ever. */
const PROBE_LIMIT_MS = 2000;

const HEALTHY = ['/-/healthy', '/-/ping', '/health'] as const;
const READY = ['/-/ready', '/ready'] as const;

/** Adds the routes. */
export function registerHealth(app: FastifyInstance, isReady: ReadyProbe): void {
  for (const url of HEALTHY) app.get(url, (_request, reply) => say(reply, 200, 'healthy'));
  for (const url of READY) {
    app.get(url, async (_request, reply) => {
      const reason = await reasonNotReady(isReady);
      return reason === undefined ? say(reply, 200, 'ready') : say(reply, 503, reason);
    });
  }
}

async function reasonNotReady(isReady: ReadyProbe): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer from the mnode')), PROBE_LIMIT_MS);
  });
  try {
    await Promise.race([isReady(), late]);
    return undefined;
  } catch (error) {
    return `not ready: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    clearTimeout(timer);
  }
}

function say(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${text}\n`);
}
