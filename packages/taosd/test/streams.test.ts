/**
 * Continuous queries of real servers: over stops and kills no window is lost, none is there twice, and each holds what
 * the select answers; in a cluster another dnode goes on with them.
 */
import { afterEach, expect, test } from 'vitest';
import { TestCluster, endPoint, sql, until } from './cluster-harness.ts';
import { pause, startTaosd, type SqlAnswer, type Taosd } from './harness.ts';

/** Late rows have most of a window's length: a busy machine may take that long between `now` and the row. */
const SETTINGS = {
  streamCompDelayRatio: 0.9,
  maxFirstStreamCompDelay: 1000,
  retryStreamCompDelay: 200,
};

let disposable: { dispose(): Promise<void> } | undefined;
afterEach(async () => {
  await disposable?.dispose();
  disposable = undefined;
});

type Rows = NonNullable<SqlAnswer['data']>;

/** Times (ms) in the first column. */
function timesOf(rows: Rows): number[] {
  return rows.map(([ts]) => Date.parse(`${String(ts).replace(' ', 'T')}Z`));
}

/** Writes a row each few ms through whoever answers, until it is stopped. */
function startWriter(taosds: readonly Taosd[]): { stop: () => Promise<void> } {
  let isStopped = false;
  const write = async (): Promise<void> => {
    for (let i = 0; !isStopped; i++) {
      const taosd = taosds[i % taosds.length]!;
      const text = `insert into d.t${i % 3} values (now, ${i % 100})`;
      await taosd.sql(text).catch(() => undefined);
      await pause(10);
    }
  };
  const work = write();
  return {
    stop: () => {
      isStopped = true;
      return work;
    },
  };
}

async function createTables(taosd: Taosd, options = ''): Promise<void> {
  await sql(taosd, `create database d ${options}`);
  await sql(taosd, 'create table d.m (ts timestamp, v int) tags (g int)');
  for (let t = 0; t < 3; t++) await sql(taosd, `create table d.t${t} using d.m tags (${t})`);
}

/** Expects one row a window from the first to the last, in step, each as the select has it. */
async function expectWhole(taosd: Taosd, stepMs: number, calls: string): Promise<void> {
  const rows = await sql(taosd, 'select * from d.w');
  const times = timesOf(rows);
  expect(times).toEqual(times.map((_, i) => times[0]! + i * stepMs));
  const wanted = await sql(taosd, `select ${calls} from d.m interval(${stepMs}a)`);
  const byTime = new Map(wanted.map((row) => [row[0], row]));
  for (const row of rows) {
    const empty = [row[0], ...row.slice(1).map(() => null)];
    expect(row).toEqual(byTime.get(row[0]) ?? empty);
  }
}

test('restarts and kills: every window once, with the rows that it has', async () => {
  const taosd = await startTaosd(SETTINGS);
  disposable = taosd;
  await createTables(taosd);
  const calls = 'count(*), sum(v), last(v)';
  await sql(taosd, `create table d.w as select ${calls} from d.m interval(500a) fill(null)`);
  const heads = (await sql(taosd, 'describe d.w')).map(([name]) => name);
  expect(heads).toEqual(['ts', 'count___', 'sum_v_', 'last_v_']);
  const count = async (): Promise<number> => (await sql(taosd, 'select * from d.w')).length;
  let windows = 0;
  const writer = startWriter([taosd]);
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
    await until(async () => (await count()) >= windows + 3);
    await taosd.stop(signal);
    await taosd.start();
    windows = await count();
  }
  await until(async () => (await count()) >= windows + 3);
  await writer.stop();
  await expectWhole(taosd, 500, calls);
  const [stream] = await sql(taosd, 'show streams');
  expect(stream!.slice(1, 4)).toEqual(['root', 'd.w', endPoint(taosd)]);
  expect(stream!.slice(7, 8)).toEqual([`select ${calls} from d.m interval(500a) fill(null)`]);
  await sql(taosd, 'drop table d.w');
  expect(await sql(taosd, 'show streams')).toEqual([]);
});

test('the dnode that runs it is killed: another goes on, without a gap', async () => {
  const cluster = new TestCluster({ ...SETTINGS, numOfMnodes: 3 });
  disposable = cluster;
  for (let i = 0; i < 3; i++) await cluster.join();
  const { first, dnodes } = cluster;
  await until(async () => (await sql(first, 'show mnodes')).length === 3);
  await createTables(first, 'replica 3 quorum 2');
  await sql(dnodes[1]!, 'create table d.w as select count(*) from d.m interval(1s) fill(null)');
  const writer = startWriter(dnodes);
  const isAt = (taosd: Taosd, windows: number) => async (): Promise<boolean> => {
    const answer = await taosd.sql('select count(*) from d.w').catch(() => undefined);
    return Number(answer?.data?.[0]?.[0] ?? 0) >= windows;
  };
  await until(isAt(first, 3));
  const [stream] = await sql(first, 'show streams');
  const runner = dnodes.find((dnode) => endPoint(dnode) === stream![3])!;
  const other = dnodes.find((dnode) => dnode !== runner)!;
  const killedAt = Date.now();
  await runner.stop('SIGKILL');
  await until(isAt(other, 3 + 6));
  await writer.stop();
  const rows = await sql(other, 'select * from d.w');
  const times = timesOf(rows);
  expect(times).toEqual(times.map((_, i) => times[0]! + i * 1000));
  expect(times.at(-1)).toBeGreaterThan(killedAt);
  const [moved] = await sql(other, 'show streams');
  expect(moved![3]).not.toBe(endPoint(runner));
  // A write that was under way at the kill may have come in later than its window waited.
  const wanted = new Map(
    (await sql(other, 'select count(*) from d.m interval(1s)')).map(([ts, n]) => [ts, n]),
  );
  const calm = rows.filter((_, i) => Math.abs(times[i]! - killedAt) > 4000);
  expect(calm.length).toBeGreaterThan(0);
  for (const [ts, n] of calm) expect(n).toBe(wanted.get(ts) ?? null);
});
