/** Aim: who asks without a password learns whether statements are answered here, and why not. Method: requests without sockets. */
import fastify from 'fastify';
import { expect, test } from 'vitest';
import { registerHealth, type ReadyProbe } from './health.ts';

async function ask(url: string, isReady: ReadyProbe): Promise<[number, string]> {
  const app = fastify();
  registerHealth(app, isReady);
  const { statusCode, body } = await app.inject(url);
  return [statusCode, body];
}

const fine: ReadyProbe = async () => {};
const waiting: ReadyProbe = () => Promise.reject(new Error('Database not ready'));

test.each(['/-/healthy', '/-/ping', '/health'])(
  '%s: the process answers, ready or not',
  async (url) => {
    expect(await ask(url, waiting)).toEqual([200, 'healthy\n']);
  },
);

test.each(['/-/ready', '/ready'])('%s: statements are answered', async (url) => {
  expect(await ask(url, fine)).toEqual([200, 'ready\n']);
});

test.each(['/-/ready', '/ready'])('%s: says why they are not', async (url) => {
  expect(await ask(url, waiting)).toEqual([503, 'not ready: Database not ready\n']);
});
