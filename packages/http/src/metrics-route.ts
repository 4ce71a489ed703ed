/**
 * `GET /metrics`. From this host it needs no password; from elsewhere any user's, as Basic: the page names databases and says
 * how they are used.
 */
import type { FastifyInstance } from 'fastify';
import { asTaosError, sendError } from './answer.ts';
import type { Door } from './door.ts';

/** Makes the page of one scrape. */
export type MetricsSource = () => Promise<{ readonly contentType: string; readonly text: string }>;

const LOOPBACK = /^(::ffff:)?127\.|^::1$/;

/** Adds the route. */
export function registerMetrics(app: FastifyInstance, metrics: MetricsSource, door: Door): void {
  app.get('/metrics', async (request, reply) => {
    try {
      if (!LOOPBACK.test(request.socket.remoteAddress ?? '')) await door.authenticate(request.raw);
      const { contentType, text } = await metrics();
      return await reply.type(contentType).send(text);
    } catch (error) {
      reply.hijack();
      sendError(reply.raw, asTaosError(error));
      return reply;
    }
  });
}
