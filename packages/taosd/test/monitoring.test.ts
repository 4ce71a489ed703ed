/**
 * What a running server says of itself: addresses for load balancers, the page of `/metrics`, the database `log`, slow queries.
 * One server with the shortest interval.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTaosd, type Taosd } from './harness.ts';

let taosd: Taosd;
beforeAll(async () => {
  taosd = await startTaosd({ monitor: 1, monitorInterval: 1 });
});
afterAll(async () => {
  await taosd.dispose();
});

async function rows(sql: string): Promise<readonly (readonly unknown[])[]> {
  const answer = await taosd.sql(sql);
  if (answer.status !== 'succ') throw new Error(`${sql}: ${answer.desc ?? ''}`);
  return answer.data!;
}

async function get(path: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(taosd.rest + path);
  return { status: answer.status, text: await answer.text() };
}

test('it is healthy and ready', async () => {
  expect(await get('/-/healthy')).toEqual({ status: 200, text: 'healthy\n' });
  expect(await get('/-/ready')).toEqual({ status: 200, text: 'ready\n' });
});

test('the log database fills: a row an interval, with the figures of this host', async () => {
  await vi.waitFor(async () => expect(await rows('select count(*) from log.dn1')).not.toEqual([]), {
    timeout: 30_000,
    interval: 100,
  });
  const [row] = await rows('select cpu_cores, mem_taosd, mem_total, disk_total from log.dn');
  for (const figure of row!) expect(figure).toBeGreaterThan(0);
  expect(await rows('select dnodeid, fqdn from log.dn1')).toEqual([[1, `localhost:${taosd.port}`]]);
  expect((await rows('show log.tables')).map(([name]) => name).toSorted()).toEqual([
    'acct_root',
    'dn1',
    'log',
    'slowquery',
  ]);
});

test('errors are events', async () => {
  await taosd.sql('create database if not exists m');
  await vi.waitFor(async () => expect(await rows('select count(*) from log.log')).not.toEqual([]), {
    timeout: 30_000,
    interval: 100,
  });
  const [event] = await rows('select last(level), last(ipaddr) from log.log');
  expect(event![1]).toBe(`localhost:${taosd.port}`);
});

test('/metrics counts what was done, by kind and by vnode', async () => {
  await rows('create database if not exists m');
  await rows('create table if not exists m.t (ts timestamp, v int)');
  await rows('insert into m.t values (now, 1) (now + 1s, 2)');
  await taosd.sql('select nothing from m.t');
  const { status, text } = await get('/metrics');
  expect(status).toBe(200);
  const line = (start: string): string | undefined =>
    text.split('\n').find((one) => one.startsWith(start));
  expect(line('tdnode_info{')).toContain('dnode="1"');
  expect(line('tdnode_statements_total{kind="select",result="error"}')).toMatch(/ [1-9]\d*$/);
  expect(line('tdnode_statement_duration_seconds_count{kind="insert"}')).toMatch(/ [1-9]\d*$/);
  expect(text).toMatch(/tdnode_vnode_rows\{vgroup="\d+",db="m"\} 2\n/);
  expect(text).toMatch(/tdnode_vnode_role\{vgroup="\d+",db="m",role="master"\} 1\n/);
});
