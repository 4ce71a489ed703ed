/**
 * Clients that misbehave, all at once, at a real server: none of them is noticed by one that behaves, and none makes
 * the server hold what it does not read.
 */
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTaosd, type Taosd } from './harness.ts';

const ROWS = 300_000;
const CLIENTS = 20;
/** The answer with all rows has 40 MB, so those of all clients would take 800 MB. */
const GROWTH_LIMIT_KIB = 250 * 1024;
const auth = `Basic ${Buffer.from('root:taosdata').toString('base64')}`;

let taosd: Taosd;
const sockets: net.Socket[] = [];

beforeAll(async () => {
  taosd = await startTaosd({ restfulRowLimit: 10_000_000 });
  await taosd.sql('create database d keep 36500');
  await taosd.sql('create table d.t (ts timestamp, a double, b double, c binary(100))');
  for (let from = 0; from < ROWS; from += 2000) {
    const rows = Array.from({ length: 2000 }, (_, i) => {
      const n = from + i;
      return `(${1_600_000_000_000 + n},${n}.25,${n}.5,'${'x'.repeat(90)}${n}')`;
    });
    const answer = await taosd.sql(`insert into d.t values ${rows.join(' ')}`);
    expect(answer.desc).toBeUndefined();
  }
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await taosd.dispose();
});

function send(...parts: readonly (string | Uint8Array)[]): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(taosd.port + 11, '127.0.0.1', () => {
      socket.on('error', () => {}); // the server may cut it off
      for (const part of parts) socket.write(part);
      resolve(socket);
    });
    socket.once('error', reject);
    socket.pause();
    sockets.push(socket);
  });
}

function head(length: number, more = ''): string {
  return `POST /rest/sql HTTP/1.1\r\nHost: h\r\nAuthorization: ${auth}\r\nContent-Length: ${length}\r\n${more}\r\n`;
}

function residentKib(): number {
  return Number(/VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${taosd.pid}/status`, 'utf8'))![1]);
}

/** The well-behaved client: what it writes and counts must come out right. */
async function behave(rounds: number, table: string): Promise<void> {
  await taosd.sql(`create table d.${table} (ts timestamp, v int)`);
  for (let i = 0; i < rounds; i++) {
    const written = await taosd.sql(
      `insert into d.${table} values (${1_600_000_000_000 + i}, ${i})`,
    );
    expect(written.desc).toBeUndefined();
    expect((await taosd.sql(`select count(*) from d.${table}`)).data).toEqual([[i + 1]]);
  }
}

test('clients that do not read their answer make nothing grow', async () => {
  const select = 'select * from d.t';
  expect((await taosd.sql(select)).rows).toBe(ROWS); // what one query takes is there already
  const before = residentKib();
  await Promise.all(Array.from({ length: CLIENTS }, () => send(head(select.length), select)));
  await behave(50, 'reading');
  expect(residentKib() - before).toBeLessThan(GROWTH_LIMIT_KIB);
});

test('half requests, broken gzip, lies about length and noise disturb nobody', async () => {
  const packed = gzipSync(`insert into d.t values (now, 1, 1, '${'y'.repeat(50)}')`);
  const gzip = 'Content-Encoding: gzip\r\n';
  for (let i = 0; i < CLIENTS; i++) {
    await send('POST /rest/sql HT');
    await send(head(1000), 'select * from d.t');
    await send(head(packed.length - 10, gzip), packed.subarray(0, -10));
    await send(head(2 ** 40));
    await send(Uint8Array.from({ length: 5000 }, (_, at) => (at * 7 + i) & 255));
  }
  await behave(50, 'noise');
  expect((await taosd.sql('select count(*) from d.t')).data).toEqual([[ROWS]]);
});

test('clients that leave in the middle of a query leave nothing running', async () => {
  const select = 'select * from d.t order by ts desc';
  for (let i = 0; i < CLIENTS; i++) {
    const socket = await send(head(select.length), select);
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
  }
  for (const socket of sockets) socket.destroy();
  await behave(10, 'leaving');
  await expect
    .poll(async () => (await taosd.sql('show queries')).rows, { timeout: 20_000 })
    .toBe(0);
});
