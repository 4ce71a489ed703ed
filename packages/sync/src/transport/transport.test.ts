/** Transports over real sockets on loopback, with a cable between them that can be cut. Times are shorter than the real ones. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { seededRandom, silentLogger, type Logger } from '@tdnode/common';
import { afterEach, expect, test } from 'vitest';
import { BULK_CHUNK_BYTES, LIVE_QUEUE_BYTES, MAX_FRAME_BYTES } from './limits.ts';
import { ALERT, CALM, openCable, openNode, type Cable, type TestNode } from '../../test/cables.ts';
import type { TransportOptions } from './transport.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function node(dnodeId: number, options?: Partial<TransportOptions>): Promise<TestNode> {
  const made = await openNode(dnodeId, options);
  closing.push(() => made.transport.close());
  return made;
}

async function cable(port: number): Promise<Cable> {
  const made = await openCable(port);
  closing.push(() => made.close());
  return made;
}

const at = (dnodeId: number, port: number): { dnodeId: number; host: string; port: number } => ({
  dnodeId,
  host: '127.0.0.1',
  port,
});

const isUp = (events: TestNode['events']): boolean => events.at(-1)?.kind === 'up';
const isDown = (events: TestNode['events']): boolean => events.at(-1)?.kind === 'down';

/** Two dnodes, 1 dialling 2 by a cable. */
async function pair(
  options?: Partial<TransportOptions>,
): Promise<{ a: TestNode; b: TestNode; wire: Cable }> {
  const [a, b] = [await node(1, options), await node(2, options)];
  const wire = await cable(b.port);
  b.transport.setPeers([at(1, 1)]); // nothing listens there: 2 is only dialled
  a.transport.setPeers([at(2, wire.port)]);
  await Promise.all([a.until(() => isUp(a.events)), b.until(() => isUp(b.events))]);
  return { a, b, wire };
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test('frames of many vgroups arrive whole, in order, aligned, both ways', async () => {
  const { a, b } = await pair();
  const random = seededRandom(11);
  const sent: { vgId: number; bytes: Uint8Array }[] = [];
  for (let i = 0; i < 500; i++) {
    const size = Math.floor(random.next() ** 4 * 300_000);
    const bytes = new Uint8Array(size).fill(i & 255);
    const vgId = 2 + Math.floor(random.next() * 4_000_000_000);
    const cut = Math.floor(random.next() * size);
    sent.push({ vgId, bytes });
    expect(a.transport.send(2, vgId, [bytes.subarray(0, cut), bytes.subarray(cut)], 'live')).toBe(
      true,
    );
  }
  await b.until(() => b.frames.length === 500);
  b.frames.forEach(({ from, vgId, bytes }, i) => {
    expect([from, vgId, bytes.length, bytes.byteOffset % 8]).toEqual([
      1,
      sent[i]!.vgId,
      sent[i]!.bytes.length,
      0,
    ]);
    expect(Buffer.compare(bytes, sent[i]!.bytes)).toBe(0);
  });
  b.transport.send(1, 7, [bytesOf('back')], 'live');
  await a.until(() => a.frames.length === 1);
  expect(a.frames[0]).toMatchObject({ from: 2, vgId: 7 });
});

test('parts may be changed as soon as send returned', async () => {
  const { a, b } = await pair();
  const bytes = bytesOf('before');
  a.transport.send(2, 2, [bytes], 'live');
  a.transport.send(2, 2, [bytes], 'bulk');
  bytes.fill(0);
  await b.until(() => b.frames.length === 2);
  for (const frame of b.frames) expect(Buffer.from(frame.bytes).toString()).toBe('before');
});

test('lazy frames keep their place among live ones, and go by themselves when none comes', async () => {
  const { a, b } = await pair();
  for (let i = 0; i < 6; i++)
    a.transport.send(2, 3, [Uint8Array.of(i)], i % 2 === 0 ? 'lazy' : 'live');
  await b.until(() => b.frames.length === 6);
  expect(b.frames.map(({ bytes }) => bytes[0])).toEqual([0, 1, 2, 3, 4, 5]);
  a.transport.send(2, 3, [Uint8Array.of(6)], 'lazy');
  await b.until(() => b.frames.length === 7);
  expect(b.frames[6]!.bytes[0]).toBe(6);
});

test('a peer that is not there takes nothing', async () => {
  const a = await node(1);
  expect(a.transport.send(2, 2, [bytesOf('x')], 'live')).toBe(false);
  a.transport.setPeers([at(2, 1)]);
  expect(a.transport.send(2, 2, [bytesOf('x')], 'live')).toBe(false);
  expect(a.transport.isUp(2)).toBe(false);
});

test.each([
  ['both directions', { forth: false, back: false }],
  ['what the dialler sends', { forth: false, back: true }],
  ['what the acceptor sends', { forth: true, back: false }],
])('silent loss of %s is seen by both, and healed', async (_name, cut) => {
  const { a, b, wire } = await pair({ timing: ALERT });
  Object.assign(wire.passes, cut);
  await Promise.all([a.until(() => isDown(a.events)), b.until(() => isDown(b.events))]);
  expect(a.transport.send(2, 2, [bytesOf('lost')], 'live')).toBe(false);
  Object.assign(wire.passes, { forth: true, back: true });
  await Promise.all([a.until(() => isUp(a.events)), b.until(() => isUp(b.events))]);
  a.transport.send(2, 2, [bytesOf('again')], 'live');
  await b.until(() => b.frames.length > 0);
  expect(Buffer.from(b.frames[0]!.bytes).toString()).toBe('again');
});

test('a peer that was restarted on another port is found where it is now', async () => {
  const a = await node(1);
  const first = await openNode(2);
  first.transport.setPeers([at(1, 1)]);
  a.transport.setPeers([at(2, first.port)]);
  await a.until(() => isUp(a.events));
  await first.transport.close();
  await a.until(() => isDown(a.events));
  const second = await node(2);
  second.transport.setPeers([at(1, a.port)]);
  a.transport.setPeers([at(2, second.port)]);
  await a.until(() => isUp(a.events));
  expect(a.transport.send(2, 2, [bytesOf('x')], 'live')).toBe(true);
  await second.until(() => second.frames.length === 1);
});

test('when both dial at once, one connection stays, the same on both sides', async () => {
  for (let round = 0; round < 8; round++) {
    const timing = { ...CALM, standbyMs: 0, dialPauseMs: 0 };
    const [a, b] = [await node(1, { timing }), await node(2, { timing })];
    a.transport.setPeers([at(2, b.port)]);
    b.transport.setPeers([at(1, a.port)]);
    await Promise.all([a.until(() => isUp(a.events)), b.until(() => isUp(b.events))]);
    let sent = 0;
    while (b.frames.length === 0 || a.frames.length === 0) {
      a.transport.send(2, 2, [bytesOf(`${sent}`)], 'live');
      b.transport.send(1, 2, [bytesOf(`${sent++}`)], 'live');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([a.transport.isUp(2), b.transport.isUp(1)]).toEqual([true, true]);
  }
});

test('the higher id dials when the lower one cannot', async () => {
  const [a, b] = [await node(1), await node(2)];
  a.transport.setPeers([at(2, 1)]); // a firewall: nothing answers there
  b.transport.setPeers([at(1, a.port)]);
  await Promise.all([a.until(() => isUp(a.events)), b.until(() => isUp(b.events))]);
});

/** Logs of what `options` of the dialler bring at dnode 2. */
async function refusal(
  options: Partial<TransportOptions>,
  toId = 2,
): Promise<{ near: string; far: string }> {
  const wait = (): { logger: Logger; line: Promise<string> } => {
    let tell = (_line: string): void => {};
    const line = new Promise<string>((resolve) => (tell = resolve));
    return {
      logger: {
        ...silentLogger,
        warn: (_module, text) => {
          if (text.includes('refuses: ') || text.includes('is refused: ')) tell(text); // not: a dial in vain
        },
      },
      line,
    };
  };
  const [near, far] = [wait(), wait()];
  const b = await node(2, { logger: far.logger });
  b.transport.setPeers([at(1, 1)]);
  const a = await node(1, { logger: near.logger, ...options });
  a.transport.setPeers([at(toId, b.port)]);
  const lines = { near: await near.line, far: await far.line };
  expect([a.events, b.events]).toEqual([[], []]);
  return lines;
}

test('a wrong secret, a foreign cluster, a wrong host and a stranger are refused with a sentence on both sides', async () => {
  const wrong = await refusal({ key: new Uint8Array(32).fill(4) });
  expect(wrong.far).toContain("is not signed with this cluster's secret");
  expect(wrong.near).toContain("is not signed with this cluster's secret");
  const foreign = await refusal({ clusterId: 'c2' });
  expect(foreign.far).toContain('belongs to cluster c2, this dnode to cluster c1');
  const misled = await refusal({}, 3);
  expect(misled.far).toMatch(/dialled dnode 3 at 127\.0\.0\.1:\d+ and reached dnode 2/);
  const stranger = await refusal({ self: { dnodeId: 9, endPoint: 'h9:6030' } });
  expect(stranger.far).toContain('dnode 9 (h9:6030) is not in the list of dnodes here');
});

test('an arbitrator takes whoever proves the secret, and is dialled at once', async () => {
  const arbitrator = await node(0, { clusterId: '', takesStrangers: true });
  const a = await node(1);
  a.transport.setPeers([{ ...at(0, arbitrator.port), neverDials: true }]);
  await arbitrator.until(() => isUp(arbitrator.events));
  arbitrator.transport.send(1, 2, [bytesOf('vote')], 'live');
  await a.until(() => a.frames.length === 1);
});

test('a peer that leaves the list is closed and not dialled again', async () => {
  const { a, b } = await pair();
  a.transport.setPeers([]);
  await b.until(() => isDown(b.events));
  expect(a.transport.send(2, 2, [bytesOf('x')], 'live')).toBe(false);
});

test('a full queue says no, keeps room for small frames, and says when there is room', async () => {
  const { a, b } = await pair();
  const large = new Uint8Array(MAX_FRAME_BYTES / 4);
  let taken = 0;
  while (a.transport.send(2, 2, [large], 'live')) taken++;
  expect(taken * large.length).toBeLessThanOrEqual(LIVE_QUEUE_BYTES);
  expect(a.transport.send(2, 3, [bytesOf('vote')], 'live')).toBe(true);
  await a.until(() => a.events.at(-1)?.kind === 'room');
  await b.until(() => b.frames.length === taken + 1);
  expect(a.transport.send(2, 2, [large], 'live')).toBe(true);
});

test('live frames pass bulk, and bulk arrives whole', async () => {
  const { a, b } = await pair();
  const file = new Uint8Array(40 * BULK_CHUNK_BYTES + 17).map((_, i) => i & 255);
  expect(a.transport.send(2, 2, [file], 'bulk')).toBe(true);
  expect(a.transport.send(2, 2, [file], 'bulk')).toBe(false);
  for (let i = 0; i < 20; i++) a.transport.send(2, 3, [bytesOf(`live ${i}`)], 'live');
  await b.until(() => b.frames.length === 21);
  expect(b.frames.slice(0, 20).every(({ vgId }) => vgId === 3)).toBe(true);
  expect(Buffer.compare(b.frames[20]!.bytes, file)).toBe(0);
  await a.until(
    () => a.transport.send(2, 2, [bytesOf('next')], 'bulk') || a.events.at(-1)?.kind === 'room',
  );
});

test('a replayed opening, and one that stops half-way, bring no connection', async () => {
  const [a, b] = [await node(1), await node(2)];
  let opening = Buffer.alloc(0);
  const listener = createServer((socket) => {
    socket.on('data', (bytes) => (opening = Buffer.concat([opening, bytes])));
    const far = connect(b.port, '127.0.0.1');
    socket.pipe(far).pipe(socket);
    for (const end of [socket, far]) end.on('error', () => end.destroy());
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  b.transport.setPeers([at(1, 1)]);
  a.transport.setPeers([at(2, (listener.address() as AddressInfo).port)]);
  await b.until(() => isUp(b.events));
  const upgrade = opening.subarray(0, opening.indexOf('\r\n\r\n') + 4);
  const answerTo = (bytes: Uint8Array): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(b.port, '127.0.0.1', () => socket.write(bytes));
      socket.once('data', (answer) => {
        socket.destroy();
        resolve(answer.toString('utf8'));
      });
    });
  expect(await answerTo(upgrade)).toContain('came a second time');
  const half = connect(b.port, '127.0.0.1', () => half.write(upgrade.subarray(0, 50)));
  a.transport.send(2, 2, [bytesOf('x')], 'live');
  await b.until(() => b.frames.length === 1);
  half.destroy();
  await a.transport.close();
  await new Promise((resolve) => listener.close(resolve));
});

test('over TLS', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tdnode-tls-'));
  closing.push(async () => rmSync(folder, { recursive: true }));
  const [keyFile, certFile] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout ${keyFile} -out ${certFile}`;
  execFileSync('openssl', words.split(' '), { stdio: 'ignore' });
  const cert = readFileSync(certFile, 'utf8');
  const tls = { cert, key: readFileSync(keyFile, 'utf8'), ca: cert };
  const [a, b] = [await node(1, { tls }), await node(2, { tls })];
  b.transport.setPeers([at(1, 1)]);
  a.transport.setPeers([{ ...at(2, b.port), host: 'localhost' }]);
  await a.until(() => isUp(a.events));
  const file = new Uint8Array(3_000_000).fill(9);
  a.transport.send(2, 2, [file], 'bulk');
  a.transport.send(2, 2, [bytesOf('live')], 'live');
  await b.until(() => b.frames.length === 2);
  expect(Buffer.compare(b.frames[1]!.bytes, file)).toBe(0);
});
