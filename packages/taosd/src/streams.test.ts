/**
 * Continuous queries on a whole server in memory, under a clock that the test moves: whatever the times of rows, runs,
 * restarts and changes, the table holds what the select would have answered.
 */
import {
  seededRandom,
  silentLogger,
  vectorValue,
  type Batch,
  type FileSystem,
  type Random,
} from '@tdnode/common';
import { defaultMnodeConfig, openMnode, type Mnode } from '@tdnode/mnode';
import { runFragment, type Fragment, type Scan } from '@tdnode/query';
import type { StreamProgress } from '@tdnode/rpc';
import { Coordinator, StreamRunner } from '@tdnode/taosc';
import { ManualClock, MemoryFileSystem } from '@tdnode/testkit';
import { nodeScheduler, startLocalEngine, type EngineClient } from '@tdnode/vnode';
import { expect, test } from 'vitest';

const DELAYS = { ratio: 0.1, maxMs: 20_000, firstMs: 1000, retryMs: 10_000 };
const VERSION = '2.1.2.0';

/** A server on `fs`; every open one is closed before the next is opened. */
class Server {
  readonly progress = new Map<number, StreamProgress>();
  readonly #clock: ManualClock;
  readonly #engine: EngineClient;
  readonly #mnode: Mnode;
  readonly #coordinator: Coordinator;
  readonly #runner: StreamRunner;

  static async open(fs: FileSystem, clock: ManualClock): Promise<Server> {
    const engine = await startLocalEngine({
      place: { fs, dataDir: '/data', keepDropped: false },
      clock,
      logger: silentLogger,
      scheduler: nodeScheduler,
      runFragment: (fragment: object, scan: Scan) => runFragment(fragment as Fragment, scan),
    });
    const mnode = await openMnode({
      fs,
      dir: '/data/mnode',
      clock,
      logger: silentLogger,
      vnodes: engine,
      config: defaultMnodeConfig,
      dnode: { id: 1, endPoint: 'localhost:6030', cores: 2 },
      variables: () => [],
    });
    return new Server(clock, engine, mnode);
  }

  private constructor(clock: ManualClock, engine: EngineClient, mnode: Mnode) {
    this.#clock = clock;
    this.#engine = engine;
    this.#mnode = mnode;
    this.#coordinator = new Coordinator({
      mnode,
      vnodes: engine,
      clock,
      timezone: 'UTC',
      version: VERSION,
      maxSqlLength: 1 << 20,
      keepColumnName: false,
      queryMemoryBytes: 64 << 20,
    });
    this.#runner = new StreamRunner({
      environment: {
        mnode,
        vnodes: engine,
        version: VERSION,
        keepColumnName: false,
        memoryBudgetBytes: 64 << 20,
        clock,
      },
      clock,
      logger: silentLogger,
      definitions: () => mnode.streams(),
      isOn: () => true,
      finish: async ({ id }) => {
        await mnode.execute(`kill stream ${id}`, { user: 'root', db: undefined, timezone: 'UTC' });
      },
      delays: DELAYS,
      progress: this.progress,
    });
  }

  /** Rows of a statement's answer. */
  async sql(text: string): Promise<unknown[][]> {
    const result = await this.#coordinator.execute(Buffer.from(text), {
      user: 'root',
      password: '',
      pathDb: 'd',
      signal: undefined,
      clientAddress: '127.0.0.1',
    });
    if (result.kind === 'affected') return [];
    const rows: unknown[][] = [];
    for await (const batch of result.batches) rows.push(...rowsOf(batch));
    return rows;
  }

  /** Moves the clock on, and lets everything run that is due then. */
  async pass(ms: number): Promise<void> {
    this.#clock.advance(ms);
    for (let i = 0; i < 4; i++) {
      this.#runner.tick();
      await this.#runner.idle();
    }
  }

  get streams(): number {
    return this.#mnode.streams().length;
  }

  async close(): Promise<void> {
    await this.#runner.close();
    await this.#mnode.close();
    await this.#engine.close();
  }
}

function rowsOf(batch: Batch): unknown[][] {
  return Array.from({ length: batch.rows }, (_, row) =>
    batch.columns.map((vector) => {
      const value = vectorValue(vector, row);
      return value instanceof Uint8Array ? Buffer.from(value).toString() : value;
    }),
  );
}

async function openServer(clock: ManualClock): Promise<{ server: Server; fs: FileSystem }> {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/data');
  const server = await Server.open(fs, clock);
  await server.sql('create database d');
  await server.sql('create table m (ts timestamp, v int, f double, s nchar(8)) tags (g int)');
  await server.sql('create table a using m tags (1) b using m tags (2)');
  return { server, fs };
}

const below = (random: Random, n: number): number => Math.floor(random.next() * n);

const SHAPES = [
  { width: '1s', step: 1000, sliding: '' },
  { width: '700a', step: 700, sliding: '' },
  { width: '4s', step: 1000, sliding: ' sliding(1s)' },
  { width: '1s', step: 400, sliding: ' sliding(400a)' },
] as const;
const CALLS = 'count(*), sum(v), avg(f), first(s), last(ts), spread(v)';

test.each(Array.from({ length: 12 }, (_, seed) => seed + 1))(
  'whatever happens, the table holds what the select answers: seed %i',
  async (seed) => {
    const random = seededRandom(seed);
    const clock = new ManualClock();
    const opened = await openServer(clock);
    const { fs } = opened;
    let { server } = opened;
    const shape = SHAPES[seed % SHAPES.length]!;
    const source = random.next() < 0.5 ? 'm' : 'a';
    const where = random.next() < 0.5 ? ' where v < 50' : '';
    const windows = ` interval(${shape.width})${shape.sliding}`;
    await server.sql(`create table w as select ${CALLS} from ${source}${where}${windows}`);
    const begin = clock.now();
    for (let step = 0; step < 60; step++) {
      if (random.next() < 0.7) {
        const table = random.next() < 0.5 ? 'a' : 'b';
        const time = clock.now() - below(random, 20); // not late
        const v = below(random, 100);
        await server.sql(
          `insert into ${table} values (${time}, ${v}, ${v / 4}, '${'äx'.repeat(v % 3)}')`,
        );
      }
      const luck = random.next();
      if (luck < 0.06) {
        await server.close();
        server = await Server.open(fs, clock);
      } else if (luck < 0.1) clock.advance(below(random, 60_000));
      await server.pass(below(random, 900));
    }
    await server.pass(2000);
    await server.pass(10_000);
    const rows = await server.sql('select * from w');
    const wanted = await server.sql(`select ${CALLS} from ${source}${where}${windows}`);
    // The first window is the latest that holds the time of creation.
    const first = begin - shape.step;
    expect(rows.length).toBeGreaterThan(3);
    expect(rows).toEqual(wanted.filter(([ts]) => Number(ts) > first));
    await server.close();
  },
);

test('windows without rows are rows of NULLs where fill(null) asks for them, and times in where bound them', async () => {
  const clock = new ManualClock();
  const { server, fs } = await openServer(clock);
  const now = clock.now();
  await server.sql(
    'create table w as select sum(v), first(s) from m where ts >= now and ts < now + 5s interval(1s) fill(null)',
  );
  await server.sql(`insert into a values (${now - 1}, 1, 1, 'x') (${now + 1500}, 2, 1, 'y')`);
  await server.pass(0); // the runner learns of it
  await server.pass(3500);
  expect(await server.sql('select * from w')).toEqual([
    [now, null, null],
    [now + 1000, 2, 'y'],
    [now + 2000, null, null],
  ]);
  await server.close();
  const again = await Server.open(fs, clock);
  expect(again.streams).toBe(1);
  await again.pass(0);
  await again.pass(3000);
  expect((await again.sql('select * from w')).map(([ts]) => ts)).toEqual(
    [0, 1, 2, 3, 4].map((i) => now + i * 1000),
  );
  expect(again.streams).toBe(0); // all its windows are computed: it ends, and its table stays
  await again.close();
});

test('history is computed in many runs, and the void in it is leapt over', async () => {
  const clock = new ManualClock();
  const { server } = await openServer(clock);
  const now = clock.now();
  const day = 86_400_000;
  const old = Array.from({ length: 300 }, (_, i) => now - 9 * day + i * 60_000);
  const rows = [...old, now - day].map((ts) => `(${ts}, 1, 1, 'x')`);
  await server.sql(`insert into a values ${rows.join(' ')}`);
  await server.sql('create table w as select count(*) from m where ts > 0 interval(100a)');
  for (let i = 0; i < 20; i++) await server.pass(1000);
  expect(await server.sql('select count(*), sum(count___) from w')).toEqual([[301, 301]]);
  expect(server.progress.get([...server.progress.keys()][0]!)!.cycles).toBeLessThan(120);
  await server.close();
});

test('rows older than keep are not asked for', async () => {
  const clock = new ManualClock();
  const { server } = await openServer(clock);
  const day = 86_400_000;
  await server.sql('alter database d keep 10');
  await server.sql(`insert into a values (${clock.now() - 9.5 * day}, 1, 1, 'x')`);
  clock.advance(day);
  await server.sql(`insert into a values (${clock.now() - 1}, 1, 1, 'x')`);
  await server.sql('create table w as select count(*) from m where ts > 0 interval(1s)');
  for (let i = 0; i < 5; i++) await server.pass(2000);
  expect(await server.sql('select count(*) from w')).toEqual([[1]]);
  await server.close();
});

test('a source that is dropped stops a stream, one that is there again lets it go on; kill and drop end it', async () => {
  const clock = new ManualClock();
  const { server } = await openServer(clock);
  await server.sql('create table s (ts timestamp, v int)');
  await server.sql('create table w as select sum(v) from s interval(1s)');
  await server.pass(2000);
  await server.sql('drop table s');
  await server.pass(2000);
  await server.sql('create table s (ts timestamp, v int)');
  await server.sql(`insert into s values (${clock.now()}, 7)`);
  await server.pass(12_000);
  expect((await server.sql('select * from w')).map(([, sum]) => sum)).toEqual([7]);
  const [[id, , table]] = (await server.sql('show streams')) as [[string, string, string]];
  expect(table).toBe('d.w');
  await server.sql(`kill stream ${id}`);
  expect(await server.sql('show streams')).toEqual([]);
  expect(await server.sql('select sum(sum_v_) from w')).toEqual([[7]]);
  await expect(server.sql(`kill stream ${id}`)).rejects.toMatchObject({ code: 781 });
  await server.sql('create table w2 as select sum(v) from s interval(1s)');
  await server.sql('drop table w2');
  expect(await server.sql('show streams')).toEqual([]);
  await server.close();
});
