/**
 * The framework's side of the port: fastify on a server that listens already. Bodies are not its business (the
 * door reads them, bounded), nor is the shape of answers.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import fastify from 'fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Door } from './door.ts';
import type { ReadyProbe } from './health.ts';
import { registerHealth } from './health.ts';
import type { MetricsSource } from './metrics-route.ts';
import { registerMetrics } from './metrics-route.ts';

/** Builds the application and returns its entrance. */
export async function buildApp(
  server: Server,
  door: Door,
  probes: { readonly isReady: ReadyProbe; readonly metrics: MetricsSource | undefined },
): Promise<(request: IncomingMessage, response: ServerResponse) => void> {
  let entrance: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  const app = fastify({
    serverFactory: (handler) => {
      entrance = handler;
      return server;
    },
    clientErrorHandler: () => {}, // the server has its own
    frameworkErrors: (_error, request, reply) => toDoor(request, reply),
    logger: false,
  });
  const toDoor = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack();
    void door.handle(request.raw, reply.raw); // never rejects
  };
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  registerHealth(app, probes.isReady);
  if (probes.metrics !== undefined) registerMetrics(app, probes.metrics, door);
  app.all('/*', toDoor);
  app.setNotFoundHandler(toDoor);
  await app.ready();
  return entrance!;
}
