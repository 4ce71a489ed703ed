/**
 * Who is let in. Aim: no port of a dnode or an arbitrator does anything for who proves nothing; who has another secret
 * or belongs to another cluster is refused, and both sides say so in a sentence; with TLS no word between dnodes
 * is in the clear, and who does not speak it is refused.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TestCluster, endPoint, sql, until } from './cluster-harness.ts';
import { skipUnless, type Taosd } from './harness.ts';
import { reservePorts } from './ports.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const arbitratorProgram = path.resolve(here, '../../tarbitrator/bin/tarbitrator.mjs');
const MUST_RUN = process.env['TDNODE_SKIP_NOTHING'] === '1';
const TRANSPORT_OFFSET = 10;

/** Sends bytes to a port and resolves with the first line of the answer; '' when it is closed without one. */
function firstLine(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer.split('\r\n')[0]!));
  });
}

function upgrade(port: number, headers = ''): Promise<string> {
  const fixed = `host: localhost:${port}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n`;
  return firstLine(port, `GET /sync?from=2&to=1 HTTP/1.1\r\n${fixed}${headers}\r\n`);
}

/** What a forger would send who knows everything but the secret. */
function forged(from: string, to: string): Record<string, string> {
  return {
    'x-td-protocol': '1',
    'x-td-to': to,
    'x-td-from': from,
    'x-td-cluster': '',
    'x-td-time': String(Date.now()),
    'x-td-signer': 'f'.repeat(24),
    'x-td-seq': '1',
    'x-td-body': 'a'.repeat(64),
    'x-td-mac': 'b'.repeat(64),
  };
}

describe('every port wants a proof', () => {
  let cluster = new TestCluster();
  beforeAll(async () => {
    cluster = new TestCluster();
    await cluster.join();
    await cluster.join();
    await until(async () => cluster.first.logTail().includes('replicas are heard'));
  });
  afterAll(() => cluster.dispose());

  const calls = [
    'dnode.ping',
    'dnode.dropVnode',
    'dnode.kill',
    'mnode.status',
    'mnode.execute',
    'mnode.authenticate',
    'mnode.changes',
    'vnode.write',
    'vnode.query',
    'vnode.drop',
  ];

  test.each(calls)('serverPort refuses %s without and with a false signature', async (call) => {
    const url = `http://127.0.0.1:${cluster.first.port}/rpc/${call}`;
    const protocol = await speaks(cluster.first);
    for (const headers of [
      { 'x-td-protocol': protocol },
      { ...forged('localhost:1', endPoint(cluster.first)), 'x-td-protocol': protocol },
    ]) {
      const answer = await fetch(url, { method: 'POST', headers, body: 'anything' });
      expect(answer.status).toBe(401);
    }
  });

  test('serverPort asks the shell for a password', async () => {
    for (const name of ['sql', 'sql/hello']) {
      const url = `http://127.0.0.1:${cluster.first.port}/rpc/${name}`;
      const answer = await fetch(url, { method: 'POST', body: 'anything' });
      expect(answer.status, name).toBe(401);
    }
  });

  test('the replication port refuses strangers', async () => {
    const { port } = cluster.first;
    expect(await upgrade(port + TRANSPORT_OFFSET)).toBe('HTTP/1.1 403 Forbidden');
    const headers = Object.entries(forged('localhost:1', `localhost:${port + TRANSPORT_OFFSET}`));
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    expect(await upgrade(port + TRANSPORT_OFFSET, lines)).toBe('HTTP/1.1 403 Forbidden');
    await until(async () => cluster.first.logTail().includes('a replication connection from'));
  });

  test('REST wants a user and a password', async () => {
    for (const authorization of [undefined, `Basic ${btoa('root:wrong')}`]) {
      const headers = authorization === undefined ? {} : { authorization };
      const url = `${cluster.first.rest}/rest/sql`;
      const answer = await fetch(url, { method: 'POST', headers, body: 'show databases' });
      expect(((await answer.json()) as { status: string }).status).toBe('error');
    }
  });

  test('an arbitrator refuses strangers', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'tdnode-arb-'));
    const ports = await reservePorts();
    writeFileSync(path.join(dir, 'taos.cfg'), 'fqdn localhost\nclusterSecret s\n');
    const words = ['-p', String(ports.port), '-g', `${dir}/log`, '-D', `${dir}/votes`, '-c', dir];
    const arbitrator: ChildProcess = spawn(process.execPath, [arbitratorProgram, ...words]);
    try {
      await until(async () => (await upgrade(ports.port).catch(() => '')) !== '');
      expect(await upgrade(ports.port)).toBe('HTTP/1.1 403 Forbidden');
    } finally {
      arbitrator.kill('SIGKILL');
      ports.release();
      rmSync(dir, { recursive: true });
    }
  });
});

/** The number of the protocol that a dnode speaks, as it says to who speaks another. */
async function speaks({ port }: Taosd): Promise<string> {
  const headers = { 'x-td-protocol': 'none' };
  const url = `http://127.0.0.1:${port}/rpc/dnode.ping`;
  const answer = await (await fetch(url, { method: 'POST', headers, body: '' })).text();
  return /this one (\d+)/.exec(answer)![1]!;
}

describe('who is not of this cluster', () => {
  let cluster = new TestCluster();
  let other = new TestCluster();
  afterEach(async () => {
    await cluster.dispose();
    await other.dispose();
  });

  test('a dnode that founded a cluster of its own: show dnodes and both logs say so, and what to do', async () => {
    cluster = new TestCluster();
    await cluster.join();
    other = new TestCluster();
    const stranger = await other.join();
    await sql(cluster.first, `create dnode '${endPoint(stranger)}'`);
    await until(async () => (await cluster.stateOf(stranger))?.reason === 'clusterId not match');
    const [own, foreign] = await Promise.all([clusterId(cluster.first), clusterId(stranger)]);
    const sentence = `${endPoint(stranger)} belongs to cluster ${foreign}, this one is ${own}`;
    await until(async () => cluster.first.logTail().includes(sentence));
    expect(cluster.first.logTail()).toContain('empty its dataDir');
    await until(async () => stranger.logTail().includes(`cluster ${own} asks for this dnode`));
    expect(await sql(stranger, 'show dnodes')).toHaveLength(1);
  });

  test('data of another cluster is not let in', async () => {
    other = new TestCluster();
    await other.join();
    const stranger = await other.join();
    cluster = new TestCluster();
    await cluster.join();
    await other.first.stop('SIGKILL');
    await stranger.stop();
    stranger.change({ firstEp: endPoint(cluster.first) });
    await sql(cluster.first, `create dnode '${endPoint(stranger)}'`);
    stranger.launch();
    await until(async () => (await cluster.stateOf(stranger))?.reason === 'clusterId not match');
    await until(async () => cluster.first.logTail().includes('belongs to cluster'));
    await until(async () => stranger.logTail().includes('asks for this dnode'));
  });
});

async function clusterId(dnode: Taosd): Promise<string> {
  const file = path.join(dnode.dataDir, 'dnode/dnodeCfg.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { clusterId: string }).clusterId;
}

describe('TLS', () => {
  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
  const dir = mkdtempSync(path.join(tmpdir(), 'tdnode-tls-'));
  let cluster = new TestCluster();
  afterEach(() => cluster.dispose());
  afterAll(() => rmSync(dir, { recursive: true }));

  /** A certificate of its own for localhost; `tlsCa` is the certificate itself. */
  function certificate(name: string): Record<string, string> {
    const [key, cert] = [path.join(dir, `${name}.key`), path.join(dir, `${name}.pem`)];
    const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const files = ['-nodes', '-days', '2', '-keyout', key, '-out', cert];
    const { status, stderr } = spawnSync('openssl', [...kind, ...subject, ...files]);
    expect(status, String(stderr)).toBe(0);
    return { tlsKey: key, tlsCert: cert, tlsCa: cert };
  }

  test('three dnodes over TLS write, read and replicate; nobody without it gets in, and the log says why', async (context) => {
    skipUnless(context, hasOpenssl || MUST_RUN, 'certificates are made by openssl');
    cluster = new TestCluster(certificate('a'));
    for (let i = 0; i < 3; i++) await cluster.join();
    const { first, dnodes } = cluster;
    await sql(first, 'create database d replica 3 quorum 2');
    await sql(first, 'create table d.s (ts timestamp, v int) tags (g int)');
    for (let t = 0; t < 6; t++)
      await sql(dnodes[t % 3]!, `insert into d.t${t} using d.s tags (${t}) values (now, ${t})`);
    for (const dnode of dnodes)
      expect(await sql(dnode, 'select count(*), sum(v) from d.s')).toEqual([[6, 15]]);
    expect(await firstLine(first.port, 'POST /rpc/dnode.ping HTTP/1.1\r\n\r\n')).toBe('');

    const plain = await cluster.add({ tlsCert: '', tlsKey: '', tlsCa: '' });
    await sql(first, `create dnode '${endPoint(plain)}'`);
    plain.launch();
    await until(async () => first.logTail().includes('it speaks no TLS: set tlsCert'));
    await until(async () => plain.logTail().includes('belongs to no cluster and serves nothing'));
    await until(async () => plain.logTail().includes('it speaks TLS, and this dnode does not'));
    expect((await cluster.stateOf(plain))?.status).toBe('offline');

    const stranger = await cluster.add(certificate('b'));
    await sql(first, `create dnode '${endPoint(stranger)}'`);
    stranger.launch();
    await until(async () => stranger.logTail().includes('is not accepted'));
    expect((await cluster.stateOf(stranger))?.status).toBe('offline');
  });

  test('half of the settings, and files that are not there, are a sentence at the start', async (context) => {
    skipUnless(context, hasOpenssl || MUST_RUN, 'certificates are made by openssl');
    const { tlsCert, tlsKey } = certificate('c');
    const { tlsKey: otherKey } = certificate('d');
    cluster = new TestCluster();
    for (const [settings, sentence] of [
      [{ tlsCert: tlsCert! }, 'tlsCert and tlsKey go together'],
      [{ tlsCert: path.join(dir, 'nothing.pem'), tlsKey: tlsKey! }, 'nothing.pem cannot be read'],
      [{ tlsCert: tlsKey!, tlsKey: tlsKey! }, 'holds no certificate'],
      [{ tlsCert: tlsCert!, tlsKey: tlsCert! }, 'holds no private key'],
      [{ tlsCert: tlsCert!, tlsKey: otherKey! }, 'is not the key of the certificate'],
    ] as const) {
      const dnode = await cluster.add(settings);
      dnode.launch();
      expect(await dnode.ended()).toBe(1);
      expect(dnode.output).toContain(sentence);
      expect(dnode.output).not.toContain('    at ');
    }
  });
});

test('the port guard of these tests keeps a block for one process', async () => {
  const block = await reservePorts();
  const server = createServer();
  const failed = new Promise((resolve) => server.once('error', resolve));
  server.listen(block.port + 15);
  expect(await failed).toMatchObject({ code: 'EADDRINUSE' });
  block.release();
});
