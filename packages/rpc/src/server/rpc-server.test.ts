/** Calls over real sockets on loopback: what comes back, what is refused, and what happens when one side goes. */
import { connect } from 'node:net';
import { TaosError, type Logger } from '@tdnode/common';
import { ManualClock } from '@tdnode/testkit';
import { afterEach, expect, test, vi } from 'vitest';
import { blob, struct, text, type Shape } from '../codec/shape.ts';
import { MAX_CLOCK_SKEW_MS } from '../limits/limits.ts';
import { defineCall, defineStream } from '../messages/call.ts';
import { NetworkError, RedirectError } from '../messages/failure.ts';
import { hashOf } from '../auth/authenticator.ts';
import { encode } from '../codec/encode.ts';
import type { RpcServer } from './rpc-server.ts';
import { TEST_KEY, clientOf, listeningServer, type NodeSettings } from '../../test/nodes.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(
  register: (server: RpcServer) => void,
  settings?: NodeSettings,
): Promise<string> {
  const { server, endPoint } = await listeningServer(register, settings);
  closing.push(() => server.close());
  return endPoint;
}

function client(settings?: NodeSettings): ReturnType<typeof clientOf> {
  const made = clientOf(settings);
  closing.push(() => made.client.close());
  return made;
}

const word: Shape<{ word: string }> = struct<{ word: string }>({ word: text(100) });
const echo = defineCall({ name: 'test.echo', request: word, response: word, isIdempotent: true });
const knock = defineCall({ ...echo, name: 'test.knock', cluster: 'any' });
const small = defineCall({
  name: 'test.small',
  request: struct<{ bytes: Uint8Array }>({ bytes: blob(1_000_000) }),
  response: word,
  isIdempotent: false,
  maxBytes: 1000,
});
const rows = defineStream({ name: 'test.rows', request: word, isIdempotent: true });

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

function refusalOf(promise: Promise<unknown>): Promise<TaosError> {
  return promise.then(
    () => expect.unreachable(),
    (error: TaosError) => error,
  );
}

test('a call brings its answer, many at once too', async () => {
  const endPoint = await serve((server) => server.handle(echo, async (request) => request));
  const { client: asker } = client();
  const words = Array.from({ length: 300 }, (_, i) => ({ word: `w${i}` }));
  expect(await Promise.all(words.map((w) => asker.call(endPoint, echo, w)))).toEqual(words);
});

test('an error travels whole, and a redirect says where', async () => {
  const endPoint = await serve((server) =>
    server.handle(echo, async ({ word: what }) => {
      if (what === 'redirect') throw new RedirectError(['h2:6030', 'h3:6030']);
      if (what === 'bug') throw new Error('oops');
      throw new TaosError(534, 'Syntax error in SQL', { detail: 'near "x"', position: 7 });
    }),
  );
  const { client: asker } = client();
  const ask = (what: string): Promise<TaosError> =>
    refusalOf(asker.call(endPoint, echo, { word: what }));
  const { code, message, detail, position } = await ask('error');
  expect({ code, message, detail, position }).toEqual({
    code: 534,
    message: 'Syntax error in SQL',
    detail: 'near "x"',
    position: 7,
  });
  const redirect = await ask('redirect');
  expect(redirect).toBeInstanceOf(RedirectError);
  expect((redirect as RedirectError).where).toEqual(['h2:6030', 'h3:6030']);
  expect(await ask('bug')).toMatchObject({ code: 12, detail: 'oops' });
});

test('a wrong secret is refused on both sides, with one line in the log', async () => {
  const lines: string[] = [];
  const logger: Logger = {
    error: () => {},
    warn: (_m, line) => lines.push(line),
    info: () => {},
    debug: () => {},
  };
  const handler = vi.fn(async (request: { word: string }) => request);
  const endPoint = await serve((server) => server.handle(echo, handler), { logger });
  const { client: stranger } = client({ key: new Uint8Array(32).fill(8) });
  for (let i = 0; i < 3; i++) {
    const error = await refusalOf(stranger.call(endPoint, echo, { word: 'a' }));
    expect(error).toMatchObject({ code: 3, detail: expect.stringContaining('clusterSecret') });
  }
  expect(handler).not.toHaveBeenCalled();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('clusterSecret must be equal on all dnodes');
});

test('a server that does not know the secret is not believed', async () => {
  const endPoint = await serve((server) =>
    server.handleRaw('/rpc/test.echo', async (_q, response) => {
      response.end(encode(word, { word: 'trust me' }));
    }),
  );
  const { client: asker } = client();
  const error = await refusalOf(asker.call(endPoint, echo, { word: 'a' }));
  expect(error).toMatchObject({ code: 3, detail: expect.stringContaining(endPoint) });
});

test('a foreign cluster is refused, but may knock', async () => {
  const endPoint = await serve((server) => {
    server.handle(echo, async (request) => request);
    server.handle(knock, async (_request, { caller }) => ({ word: caller.clusterId }));
  });
  const { client: foreign } = client({ clusterId: 'c2' });
  const error = await refusalOf(foreign.call(endPoint, echo, { word: 'a' }));
  expect(error.detail).toBe(`asker:6030 belongs to cluster c2, ${endPoint} to cluster c1`);
  expect(await foreign.call(endPoint, knock, { word: '' })).toEqual({ word: 'c2' });
});

test('a name that leads to the wrong host is said so', async () => {
  const endPoint = await serve((server) => server.handle(echo, async (request) => request), {
    endPoint: 'h1:6030',
  });
  const error = await refusalOf(client().client.call(endPoint, echo, { word: 'a' }));
  expect(error.detail).toBe(
    `asker:6030 dialled ${endPoint} and reached h1:6030: that name leads to the wrong host`,
  );
});

test('clocks may differ by five minutes, not more', async () => {
  const clock = new ManualClock();
  const endPoint = await serve((server) => server.handle(echo, async (request) => request), {
    clock,
  });
  const at = (skewMs: number): Promise<unknown> =>
    client({ clock: new ManualClock(clock.now() + skewMs) }).client.call(endPoint, echo, {
      word: 'a',
    });
  await at(MAX_CLOCK_SKEW_MS);
  await at(-MAX_CLOCK_SKEW_MS);
  expect(await refusalOf(at(MAX_CLOCK_SKEW_MS + 1000))).toMatchObject({
    code: 19,
    detail: expect.stringContaining('301 s ahead of the clock of'),
  });
  expect(await refusalOf(at(-MAX_CLOCK_SKEW_MS - 1000))).toMatchObject({ code: 19 });
});

/** Sends a request by hand; what `change` does to it happens on the way. */
function byHand(
  endPoint: string,
  change: (lines: string[]) => void,
  body = encode(word, { word: 'a' }),
): Promise<string> {
  const { auth } = clientOf();
  const headers = auth.sign({
    method: 'POST',
    path: '/rpc/test.echo',
    to: endPoint,
    bodyHash: hashOf(body),
  });
  const lines = [
    'POST /rpc/test.echo HTTP/1.1',
    'host: x',
    'x-td-protocol: 1',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${body.length}`,
  ];
  change(lines);
  return raw(endPoint, Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]));
}

function raw(endPoint: string, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(endPoint.split(':')[1]), '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.on('data', (piece) => {
      answer += piece.toString('latin1');
      socket.end();
    });
    socket.on('close', () => resolve(answer.split('\r\n')[0]!));
    socket.on('error', reject);
  });
}

test('a request counts once, and nothing in it can be changed', async () => {
  const endPoint = await serve((server) => server.handle(echo, async (request) => request));
  let first: string[] = [];
  expect(await byHand(endPoint, (lines) => (first = [...lines]))).toContain('200');
  const replay = (lines: string[]): void => void lines.splice(0, lines.length, ...first);
  expect(await byHand(endPoint, replay)).toContain('401');
  for (const header of ['to', 'from', 'cluster', 'time', 'signer', 'seq', 'body', 'mac']) {
    const change = (lines: string[]): void => {
      const i = lines.findIndex((line) => line.startsWith(`x-td-${header}:`));
      lines[i] = `${lines[i]!.slice(0, -1)}${lines[i]!.endsWith('1') ? '2' : '1'}`;
    };
    expect(await byHand(endPoint, change), header).toContain('401');
    expect(
      await byHand(
        endPoint,
        (lines) =>
          void lines.splice(
            lines.findIndex((line) => line.startsWith(`x-td-${header}:`)),
            1,
          ),
      ),
      header,
    ).toContain('401');
  }
  const otherBody = encode(word, { word: 'b' });
  const { auth } = clientOf();
  const forA = auth.sign({
    method: 'POST',
    path: '/rpc/test.echo',
    to: endPoint,
    bodyHash: hashOf(encode(word, { word: 'a' })),
  });
  const signedForA = (lines: string[]): void => {
    for (const [name, value] of Object.entries(forA))
      lines[lines.findIndex((line) => line.startsWith(`${name}:`))] = `${name}: ${value}`;
  };
  expect(await byHand(endPoint, signedForA, otherBody)).toContain('401');
});

test('another protocol, an unknown call and a body without or beyond its length are refused', async () => {
  const endPoint = await serve((server) => {
    server.handle(echo, async (request) => request);
    server.handle(small, async () => ({ word: '' }));
  });
  expect(await byHand(endPoint, (lines) => (lines[2] = 'x-td-protocol: 2'))).toContain('426');
  expect(await byHand(endPoint, (lines) => (lines[0] = 'POST /rpc/test.other HTTP/1.1'))).toContain(
    '404',
  );
  expect(await byHand(endPoint, (lines) => (lines[0] = 'GET /rpc/test.echo HTTP/1.1'))).toContain(
    '404',
  );
  expect(
    await byHand(
      endPoint,
      (lines) => (lines[lines.length - 1] = 'transfer-encoding: chunked'),
      new Uint8Array(Buffer.from('1\r\na\r\n0\r\n\r\n')),
    ),
  ).toContain('413');
  const error = await refusalOf(
    client().client.call(endPoint, small, { bytes: new Uint8Array(2000) }),
  );
  expect(error.detail).toMatch(/a body of \d+ bytes, 1000 are allowed/);
  expect(
    await byHand(endPoint, () => {}, new Uint8Array([200, 1]) as Uint8Array<ArrayBuffer>),
  ).toContain('400');
});

test('a request that stops half-way takes no handler and no other request down', async () => {
  const handler = vi.fn(async (request: { word: string }) => request);
  const endPoint = await serve((server) => server.handle(echo, handler));
  const half = connect(Number(endPoint.split(':')[1]), '127.0.0.1');
  half.write('POST /rpc/test.echo HTTP/1.1\r\nhost: x\r\ncontent-le');
  await client().client.call(endPoint, echo, { word: 'a' });
  half.destroy();
  expect(handler).toHaveBeenCalledTimes(1);
});

test('a call that takes too long ends, and the handler hears of it', async () => {
  const { promise: gone, resolve } = deferred();
  const endPoint = await serve((server) =>
    server.handle(echo, (request, { signal }) => {
      signal.addEventListener('abort', () => resolve());
      return new Promise(() => void request);
    }),
  );
  const error = await refusalOf(
    client().client.call(endPoint, echo, { word: 'a' }, { deadlineMs: 50 }),
  );
  expect(error).toMatchObject({ code: 9, wasSent: true });
  await gone;
});

test('no server: surely not sent. A socket that breaks: perhaps', async () => {
  const { client: asker } = client();
  const { server, endPoint } = await listeningServer(() => {});
  await server.close();
  expect(await refusalOf(asker.call(endPoint, small, { bytes: new Uint8Array(1) }))).toMatchObject({
    wasSent: false,
  });
  const breaking = await serve((s) =>
    s.handleRaw('/rpc/test.small', async (_q, response) => void response.destroy()),
  );
  const error = await refusalOf(asker.call(breaking, small, { bytes: new Uint8Array(1) }));
  expect(error).toBeInstanceOf(NetworkError);
  expect(error).toMatchObject({ wasSent: true });
});

test('an idempotent call is asked again when its socket breaks, another is not', async () => {
  let asked = 0;
  const endPoint = await serve((server) => {
    for (const name of ['echo', 'small'])
      server.handleRaw(`/rpc/test.${name}`, async (_q, response) => {
        asked++;
        response.destroy();
      });
  });
  const { client: asker } = client();
  await refusalOf(asker.call(endPoint, echo, { word: 'a' }));
  expect(asked).toBe(2);
  await refusalOf(asker.call(endPoint, small, { bytes: new Uint8Array(1) }));
  expect(asked).toBe(3);
});

test('drop breaks the calls that wait', async () => {
  const { promise: reached, resolve } = deferred();
  const endPoint = await serve((server) =>
    server.handle(echo, () => {
      resolve();
      return new Promise(() => {});
    }),
  );
  const { client: asker } = client();
  const answer = refusalOf(asker.call(endPoint, { ...echo, isIdempotent: false }, { word: 'a' }));
  await reached;
  asker.drop(endPoint);
  expect(await answer).toBeInstanceOf(NetworkError);
});

/** A stream of frames that counts what was drawn. */
function counted(
  size: number,
  limit: number,
): {
  items: AsyncIterable<Uint8Array> & { cancel(): void };
  drawn: () => number;
  cancelled: Promise<void>;
} {
  let drawn = 0;
  const { promise, resolve } = deferred();
  const items = {
    async *[Symbol.asyncIterator]() {
      for (; drawn < limit; drawn++) yield new Uint8Array(size).fill(drawn & 255);
    },
    cancel: () => resolve(),
  };
  return { items, drawn: () => drawn, cancelled: promise };
}

test('a stream comes in order, in aligned buffers, and ends', async () => {
  const { items } = counted(100_003, 50);
  const endPoint = await serve((server) => server.handleStream(rows, () => items));
  let i = 0;
  for await (const frame of client().client.stream(endPoint, rows, { word: '' })) {
    expect(frame.length).toBe(100_003);
    expect(frame.byteOffset % 8).toBe(0);
    expect(frame[100_002]).toBe(i++ & 255);
  }
  expect(i).toBe(50);
});

test('a reader that does not read holds the sender back, and leaving cancels it', async () => {
  const { items, drawn, cancelled } = counted(1_000_000, 1000);
  const endPoint = await serve((server) => server.handleStream(rows, () => items));
  const stream = client().client.stream(endPoint, rows, { word: '' });
  for await (const frame of stream) {
    expect(frame.length).toBe(1_000_000);
    break;
  }
  await cancelled;
  expect(drawn()).toBeLessThan(100);
});

test('an error in mid-stream reaches the reader, a broken one is no end', async () => {
  const failing = {
    async *[Symbol.asyncIterator]() {
      yield new Uint8Array(3);
      throw new TaosError(528, 'Query not ready');
    },
    cancel: () => {},
  };
  const endPoint = await serve((server) => {
    server.handleStream(rows, () => failing);
    server.handleStream({ ...rows, name: 'test.refused' }, () => {
      throw new RedirectError(['h2:6030']);
    });
  });
  const { client: asker } = client();
  const read = async (name: string): Promise<void> => {
    for await (const frame of asker.stream(endPoint, { ...rows, name }, { word: '' })) void frame;
  };
  expect(await refusalOf(read('test.rows'))).toMatchObject({ code: 528 });
  expect(await refusalOf(read('test.refused'))).toBeInstanceOf(RedirectError);
});

test('the same key on both sides is what counts, not its object', async () => {
  const endPoint = await serve((server) => server.handle(echo, async (request) => request));
  const { client: asker } = client({ key: new Uint8Array(TEST_KEY) });
  expect(await asker.call(endPoint, echo, { word: 'ä' })).toEqual({ word: 'ä' });
});
