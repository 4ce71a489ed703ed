/** The remote side of each service says what the local side says, over real sockets. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  SqlType,
  TaosError,
  encodeBatch,
  f64Vector,
  seededRandom,
  systemClock,
  type Batch,
  type DbOptions,
  type VgId,
} from '@tdnode/common';
import { afterEach, expect, test } from 'vitest';
import { RedirectError } from '../messages/failure.ts';
import {
  registerDnodeCommands,
  registerPing,
  registerStatusCall,
} from '../server/dnode-handlers.ts';
import { registerMnodeCalls } from '../server/mnode-handlers.ts';
import { registerVnodeCalls } from '../server/vnode-handlers.ts';
import type { RpcServer } from '../server/rpc-server.ts';
import type { StatusAnswer, StatusReport } from '../services/cluster-status.ts';
import type { CatalogChange, MnodeService, TableMeta } from '../services/mnode-service.ts';
import type { VnodeConfig, VnodeStats } from '../services/vnode-service.ts';
import { status } from '../messages/status.ts';
import { ping } from '../messages/ping.ts';
import { clientOf, listeningServer, type NodeSettings } from '../../test/nodes.ts';
import { RemoteDnodeCommands } from './remote-dnode-commands.ts';
import { RemoteMnodeService } from './remote-mnode-service.ts';
import { RemoteVnodeService } from './remote-vnode-service.ts';
import type { RpcClient } from './rpc-client.ts';

const closing: (() => Promise<void> | void)[] = [];
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

function client(settings?: NodeSettings): RpcClient {
  const made = clientOf(settings).client;
  closing.push(() => made.close());
  return made;
}

const vg = 7 as VgId;
const options: DbOptions = {
  replica: 3,
  quorum: 2,
  days: 10,
  keep: [1, 2, 3650],
  cache: 16,
  blocks: 6,
  minRows: 100,
  maxRows: 4096,
  comp: 2,
  walLevel: 1,
  fsync: 3000,
  update: 0,
  cacheLast: 0,
  precision: 'us',
};
const config: VnodeConfig = {
  vgId: vg,
  db: 'd1',
  options,
  replicas: [{ dnodeId: 1, endPoint: 'h1:6030' }],
};
const table: TableMeta = {
  uid: 2 ** 52,
  db: 'd1',
  name: 't1',
  kind: 'child',
  vgId: vg,
  schemaUid: 5,
  stableName: 's',
  schema: {
    version: 3,
    columns: [{ name: 'ts', type: SqlType.TIMESTAMP, bytes: 8, colId: 1 }],
    tags: [{ name: 'g', type: SqlType.INT, bytes: 4, colId: 1 }],
  },
};
const batch: Batch = { rows: 2, columns: [f64Vector(new Float64Array([1, NaN]), 1)] };

/** Answers calls by their name, and keeps what they were asked. */
function recorder(answers: Record<string, unknown>): { service: never; asked: unknown[][] } {
  const asked: unknown[][] = [];
  const service = new Proxy(
    {},
    {
      get:
        (_target, name: string) =>
        (...args: unknown[]) => {
          asked.push([name, ...args]);
          const answer = answers[name];
          return typeof answer === 'function'
            ? (answer as (...a: unknown[]) => unknown)(...args)
            : Promise.resolve(answer);
        },
    },
  );
  return { service: service as never, asked };
}

test('a remote vnode is asked what a local one would be', async () => {
  const stream = {
    async *[Symbol.asyncIterator]() {
      yield encodeBatch(batch);
    },
    cancel: () => {},
  };
  const stats: VnodeStats = {
    db: 'd1',
    tables: 1,
    rows: 2,
    version: 3,
    memoryBytes: 4,
    fileBytes: 5,
    logRecords: 6,
    commits: 7,
  };
  const { service, asked } = recorder({
    write: { version: 9 },
    query: () => stream,
    tids: new Uint32Array([3, 0]),
    tags: [1, null, 2n ** 60n, new Uint8Array([65])],
    stats,
  });
  const endPoint = await serve((server) => registerVnodeCalls(server, service));
  const remote = new RemoteVnodeService(client(), () => endPoint);
  const payload = new Uint8Array(5_000_000).fill(3);
  const fragment = {
    kind: 'rows',
    from: -Infinity,
    low: 2n ** 63n,
    filter: undefined,
    bytes: new Uint8Array([1]),
  };
  expect(await remote.write(vg, 'submit', payload)).toEqual({ version: 9 });
  const batches: Uint8Array[] = [];
  for await (const bytes of remote.query(vg, fragment)) batches.push(bytes);
  expect(batches).toEqual([encodeBatch(batch)]);
  expect(await remote.tids(vg, new Float64Array([5, 2 ** 52]))).toEqual(new Uint32Array([3, 0]));
  expect(await remote.tags(vg, 5)).toEqual([1, null, 2n ** 60n, new Uint8Array([65])]);
  expect(await remote.stats(vg)).toEqual(stats);
  for (const call of ['create', 'alter'] as const) await remote[call](config);
  for (const call of ['sync', 'flush', 'drop'] as const) await remote[call](vg);
  expect(Buffer.compare(asked[0]![3] as Uint8Array, payload)).toBe(0);
  expect(asked.slice(1)).toEqual([
    ['query', vg, fragment, undefined],
    ['tids', vg, new Float64Array([5, 2 ** 52])],
    ['tags', vg, 5],
    ['stats', vg],
    ['create', config],
    ['alter', config],
    ['sync', vg],
    ['flush', vg],
    ['drop', vg],
  ]);
});

interface TestMnode {
  readonly service: MnodeService;
  readonly change: (change: CatalogChange) => void;
}

function testMnode(answers: Record<string, unknown> = {}): TestMnode {
  const listeners = new Set<(change: CatalogChange) => void>();
  const change = (news: CatalogChange): void => listeners.forEach((listener) => listener(news));
  const onChange = (listener: (news: CatalogChange) => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return { service: recorder({ ...answers, onChange }).service, change };
}

function remoteMnode(...mnodes: string[]): RemoteMnodeService {
  const remote = new RemoteMnodeService({
    client: client(),
    mnodes: () => mnodes,
    clock: systemClock,
    random: seededRandom(1),
    searchMs: 3000,
  });
  closing.push(() => remote.close());
  return remote;
}

async function serveMnode(mnode: TestMnode, demandMaster = (): void => {}): Promise<string> {
  let stop = (): void => {};
  const endPoint = await serve((server) => {
    stop = registerMnodeCalls(server, mnode.service, { demandMaster });
  });
  closing.push(() => stop());
  return endPoint;
}

const session = { user: 'root', db: undefined, timezone: 'UTC' };

test('a remote mnode answers what a local one would', async () => {
  const rows = {
    kind: 'rows',
    columns: [{ name: 'n', type: SqlType.INT, bytes: 4, precision: 'ms' }],
    batches: [batch],
  };
  const database = { name: 'd1', options, vgroups: [{ vgId: vg, replicas: [1, 2, 3] }] };
  const mnode = testMnode({
    execute: rows,
    authenticate: () => Promise.reject(new TaosError(3)),
    user: { name: 'root', privilege: 'super' },
    database,
    tables: [table, undefined],
    ensureChildTables: [table],
  });
  const remote = remoteMnode(await serveMnode(mnode));
  expect(await remote.execute('show x', session)).toEqual(rows);
  await expect(remote.authenticate('root', 'x')).rejects.toMatchObject({ code: 3 });
  expect(await remote.user('root')).toEqual({ name: 'root', privilege: 'super' });
  expect(await remote.database('d1')).toEqual(database);
  expect(await remote.tables('d1', ['t1', 'no'])).toEqual([table, undefined]);
  expect(
    await remote.ensureChildTables('d1', 's', [{ name: 't1', tags: [1, null] }], session),
  ).toEqual([table]);
});

test('redirects are followed, a dead mnode is passed over, and the master is remembered', async () => {
  const asked = { slave: 0, master: 0 };
  const master = await serveMnode(
    testMnode({ user: () => (asked.master++, Promise.resolve({ name: 'u', privilege: 'super' })) }),
  );
  const slave = await serveMnode(testMnode(), () => {
    asked.slave++;
    throw new RedirectError([master]);
  });
  const remote = remoteMnode('127.0.0.1:1', slave);
  for (let i = 0; i < 3; i++) await remote.user('u');
  expect(asked).toEqual({ slave: 1, master: 3 });
  expect(remote.master).toBe(master);
});

test('a call waits for an election, but not for ever', async () => {
  let refusals = 2;
  const endPoint = await serveMnode(testMnode({ user: { name: 'u', privilege: 'super' } }), () => {
    if (refusals-- > 0) throw new RedirectError([]);
  });
  expect(await remoteMnode(endPoint).user('u')).toMatchObject({ name: 'u' });
  const nobody = new RemoteMnodeService({
    client: client(),
    mnodes: () => [],
    clock: systemClock,
    random: seededRandom(1),
    searchMs: 60,
  });
  await expect(nobody.user('u')).rejects.toMatchObject({ code: 828 });
});

test('changes of others are heard, own ones before the answer, each once; a new mnode resets', async () => {
  const mnode = testMnode({
    execute: () => {
      mnode.change({ db: 'd1', table: 'own' });
      return Promise.resolve({ kind: 'affected', rows: 0 });
    },
  });
  const endPoint = await serveMnode(mnode);
  const second = testMnode();
  const other = await serveMnode(second);
  let mnodes = [endPoint];
  const remote = new RemoteMnodeService({
    client: client(),
    mnodes: () => mnodes,
    clock: systemClock,
    random: seededRandom(1),
  });
  closing.push(() => remote.close());
  const heard: string[] = [];
  let wake = (): void => {};
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      wake = () => (heard.length >= count ? resolve() : undefined);
      wake();
    });
  remote.onChange(({ db, table: name }) => {
    heard.push(`${db}.${name}`);
    wake();
  });
  await until(1); // the first answer: nothing is known of what came before
  await remote.execute('alter', session);
  expect(heard).toEqual(['.undefined', 'd1.own']);
  mnode.change({ db: 'd1', table: 'x' });
  mnode.change({ db: 'd2', table: undefined });
  await until(4);
  expect(heard.slice(2)).toEqual(['d1.x', 'd2.undefined']);
  mnodes = [other];
  await closing.splice(0, 1)[0]!(); // the first server stops
  await until(5);
  expect(heard.slice(4)).toEqual(['.undefined']);
});

test('users are asked for once, while changes are heard, and again after one of theirs', async () => {
  let asked = 0;
  const user = { name: 'u', privilege: 'super' };
  const counted = (): Promise<typeof user> => (asked++, Promise.resolve(user));
  const mnode = testMnode({ authenticate: counted, user: counted });
  const remote = remoteMnode(await serveMnode(mnode));
  await remote.authenticate('u', 'p');
  await remote.authenticate('u', 'p');
  expect(asked).toBe(2); // nobody listens to changes
  let hear = (): void => {};
  const news = (): Promise<void> => new Promise((resolve) => (hear = resolve));
  const first = news();
  closing.push(remote.onChange(() => hear()));
  await first;
  for (let i = 0; i < 3; i++) await remote.authenticate('u', 'p');
  await remote.user('u');
  expect(asked).toBe(3);
  for (const change of [
    { db: 'd1', table: 't' },
    { db: '', table: undefined, user: 'other' },
  ]) {
    const other = news();
    mnode.change(change);
    await other;
  }
  await remote.authenticate('u', 'p');
  expect(asked).toBe(3);
  const own = news();
  mnode.change({ db: '', table: undefined, user: 'u' });
  await own;
  await remote.authenticate('u', 'p');
  expect(asked).toBe(4);
});

test('heartbeats, pings and commands travel whole', async () => {
  const report: StatusReport = {
    dnodeId: 0,
    endPoint: 'h2:6030',
    clusterId: '',
    version: '2.1.2.0',
    cores: 4,
    role: 2,
    load: { cpu: 1.5, memory: 2, disk: 3, bandwidth: 4 },
    parameters: {
      numOfMnodes: 3,
      balance: 1,
      mnodeEqualVnodeNum: 4,
      offlineThreshold: 864000,
      statusInterval: 1,
      maxTablesPerVnode: 1_000_000,
      maxVgroupsPerDb: 0,
      arbitrator: '',
      timezone: 'UTC',
    },
    vnodes: [
      { vgId: 2, role: 'slave', term: 3, version: 4, tables: 5, rows: 6, points: 7, storage: 8 },
      {
        vgId: 3,
        role: 'master',
        term: 3,
        version: 4,
        tables: 5,
        rows: 6,
        points: 7,
        storage: 8,
        optionsHash: 9,
        members: { version: 1, voters: [1, 2], learners: [3] },
      },
    ],
  };
  const answer: StatusAnswer = {
    kind: 'welcome',
    dnodeId: 2,
    clusterId: 'c1',
    dnodes: [{ dnodeId: 1, endPoint: 'h1:6030' }],
    mnodes: [],
    commands: [
      { kind: 'create', config, start: 'learner' },
      { kind: 'alter', config },
      { kind: 'drop', vgId: 3 },
    ],
  };
  const { service, asked } = recorder({ vnodeReport: report.vnodes[1] });
  let got: StatusReport | undefined;
  const endPoint = await serve((server) => {
    registerStatusCall(server, async (said, { caller }) => {
      got = said;
      expect(caller.clusterId).toBe('');
      return answer;
    });
    registerPing(server, () => ({
      dnodeId: 1,
      endPoint: 'h1:6030',
      clusterId: 'c1',
      version: 'v',
    }));
    registerDnodeCommands(server, service, () => 2);
  });
  const knocking = client({ clusterId: '' });
  expect(await knocking.call(endPoint, status, report)).toEqual(answer);
  expect(got).toEqual(report);
  expect(await knocking.call(endPoint, ping, undefined)).toMatchObject({ clusterId: 'c1' });
  const commands = new RemoteDnodeCommands(client(), () => endPoint);
  await commands.createVnode(2, config, 'voter');
  await commands.alterVnode(2, config);
  await commands.dropVnode(2, vg);
  await commands.changeMembers(2, vg, { kind: 'promote', dnodeId: 3 });
  expect(await commands.vnodeReport(2, vg)).toEqual(report.vnodes[1]);
  expect(asked).toEqual([
    ['createVnode', 2, config, 'voter'],
    ['alterVnode', 2, config],
    ['dropVnode', 2, vg],
    ['changeMembers', 2, vg, { kind: 'promote', dnodeId: 3 }],
    ['vnodeReport', 2, vg],
  ]);
});

test('over TLS calls work with the right authority, and not without', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tdnode-tls-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const [keyFile, certFile] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
      '-keyout',
      keyFile,
      '-out',
      certFile,
    ],
    { stdio: 'ignore' },
  );
  const cert = readFileSync(certFile, 'utf8');
  const tls = { cert, key: readFileSync(keyFile, 'utf8'), ca: cert };
  const answer = { dnodeId: 1, endPoint: 'h1:6030', clusterId: 'c1', version: 'v' };
  const endPoint = await serve((server) => registerPing(server, () => answer), { tls });
  expect(await client({ tls }).call(endPoint, ping, undefined)).toEqual(answer);
  const { ca: _ca, ...withoutCa } = tls;
  await expect(client({ tls: withoutCa }).call(endPoint, ping, undefined)).rejects.toMatchObject({
    code: 11,
    wasSent: false,
  });
  await expect(client().call(endPoint, ping, undefined)).rejects.toMatchObject({ code: 11 });
});
