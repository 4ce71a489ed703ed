/** Aim: the page says what the sources say, in the text format. Method: known sources, lines of the page. */
import { expect, test } from 'vitest';
import type { VnodeStats } from '@tdnode/rpc';
import { metricsPage } from './metrics.ts';
import { StatementMeter } from './statement-meter.ts';

const stats: VnodeStats = {
  db: 'd',
  tables: 2,
  rows: 10,
  version: 7,
  memoryBytes: 100,
  fileBytes: 200,
  logRecords: 5,
  commits: 1,
  lastCommitMs: 250,
  replication: {
    role: 'slave',
    term: 3,
    lastVersion: 9,
    commit: 8,
    master: 1,
    members: { version: 1, voters: [1, 2, 3], learners: [] },
  },
};

function page(
  vnodes: readonly { vgId: number; stats: VnodeStats }[],
  meter = new StatementMeter(),
) {
  return metricsPage({
    version: '2.1.2.0',
    meter,
    dnodeId: () => 4,
    vnodes: async () => vnodes,
    work: () => ({ connections: 2, queries: 1 }),
  });
}

test('a vnode: role, versions, lag, sizes', async () => {
  const { text, contentType } = await page([{ vgId: 5, stats }])();
  expect(contentType).toContain('text/plain');
  for (const line of [
    'tdnode_info{version="2.1.2.0",dnode="4"} 1',
    'tdnode_connections 2',
    'tdnode_vnode_role{vgroup="5",db="d",role="slave"} 1',
    'tdnode_vnode_lag_versions{vgroup="5",db="d"} 1',
    'tdnode_vnode_log_version{vgroup="5",db="d"} 9',
    'tdnode_vnode_last_commit_seconds{vgroup="5",db="d"} 0.25',
  ])
    expect(text.split('\n')).toContain(line);
});

test('a vnode that has gone is not on the next page', async () => {
  const vnodes = [{ vgId: 5, stats }];
  const scrape = page(vnodes);
  await scrape();
  vnodes.length = 0;
  expect((await scrape()).text).not.toContain('vgroup="5"');
});

test('statements: a histogram whose count is its last bucket', async () => {
  const meter = new StatementMeter();
  const sql = new Uint8Array();
  const event = { kind: 'insert', user: 'u', sql, createdAt: 0, elapsedMs: 3, rows: 20 } as const;
  meter.note({ ...event, code: 0 });
  meter.note({ ...event, code: 866 });
  const { text } = await page([], meter)();
  for (const line of [
    '# TYPE tdnode_statement_duration_seconds histogram',
    'tdnode_statement_duration_seconds_bucket{kind="insert",le="0.0025"} 0',
    'tdnode_statement_duration_seconds_bucket{kind="insert",le="0.005"} 2',
    'tdnode_statement_duration_seconds_bucket{kind="insert",le="+Inf"} 2',
    'tdnode_statement_duration_seconds_count{kind="insert"} 2',
    'tdnode_statements_total{kind="insert",result="error"} 1',
    'tdnode_statement_rows_total{kind="insert"} 40',
  ])
    expect(text.split('\n')).toContain(line);
});
