/** taosdemo against one dnode and against three, of which one goes away. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCluster, sql } from './cluster-harness.ts';
import { startTaosd, type Taosd } from './harness.ts';
import { runTool, startTool } from './run-tool.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'taosdemo-'));
afterAll(() => rmSync(folder, { recursive: true }));

const demo = (dnode: Taosd, ...words: string[]) =>
  runTool('taosdemo', ['-h', 'localhost', '-P', String(dnode.port), '-y', ...words], folder);

describe('one dnode', () => {
  let dnode: Taosd;
  beforeAll(async () => {
    dnode = await startTaosd({ minTablesPerVnode: 10, maxVgroupsPerDb: 3 });
  });
  afterAll(() => dnode.dispose());

  test('meters, with 2.1.2’s lines and percentiles', async () => {
    const { out } = await demo(dnode, '-t', '20', '-n', '1000', '-r', '300', '-T', '3');
    expect(out).toMatch(/^Spent \d+\.\d{4} seconds to create 20 tables with 3 thread\(s\)$/m);
    expect(out).toMatch(
      /^Spent [\d.]+ seconds to insert rows: 20000, affected rows: 20000 with 3 thread\(s\) into test\.meters\. [\d.]+ records\/second$/m,
    );
    expect(out).toMatch(/^insert delay, avg: [\d.]+ms, max: [\d.]+ms, min: [\d.]+ms$/m);
    expect(out).toMatch(/^insert delay, p50: .* p90: .* p95: .* p99: .* of 80 requests$/m);
    expect(readFileSync(path.join(folder, 'output.txt'), 'utf8')).toContain('affected rows: 20000');
    expect(await sql(dnode, 'select count(*), first(ts), last(ts) from test.meters')).toEqual([
      [20_000, '2017-07-14 02:40:00.000', '2017-07-14 02:40:00.999'],
    ]);
    const spread = await sql(
      dnode,
      'select min(voltage), max(voltage), min(current), max(current) from test.meters',
    );
    expect(spread[0]).toEqual([210, 230, expect.closeTo(8, 0), expect.closeTo(13, 0)]);
    expect(await sql(dnode, "select count(*) from test.meters where location = 'beijing'")).toEqual(
      [[10_000]],
    );
  });

  test('the same seed gives the same rows, by either way in and any number of threads', async () => {
    const sums = async (): Promise<unknown> =>
      sql(
        dnode,
        'select count(*), sum(voltage), sum(current), sum(phase) from test.meters group by tbname',
      );
    await demo(dnode, '-t', '5', '-n', '400', '--seed', '9', '-T', '1');
    const first = await sums();
    await demo(dnode, '-t', '5', '-n', '400', '--seed', '9', '-I', 'rest', '-T', '5', '-B', '7');
    expect(await sums()).toEqual(first);
    await demo(dnode, '-t', '5', '-n', '400', '--seed', '10');
    expect(await sums()).not.toEqual(first);
  });

  test('columns of all types, normal tables, unordered rows', async () => {
    const types = 'bool,tinyint,smallint,int,bigint,float,double,binary,nchar,timestamp';
    await demo(
      dnode,
      '-d',
      'types',
      '-b',
      types,
      '-w',
      '5',
      '-t',
      '2',
      '-n',
      '50',
      '-O',
      '20',
      '-R',
      '9',
    );
    const [row] = await sql(
      dnode,
      'select count(*), count(col0), count(col8), count(col9) from types.meters',
    );
    expect(new Set(row).size).toBe(1); // no value is NULL
    expect(Number(row?.[0])).toBeGreaterThan(50); // unordered rows fall on others
    expect(Number(row?.[0])).toBeLessThan(100);
    const { out } = await demo(dnode, '-d', 'plain', '-N', '-t', '3', '-n', '10', '-x');
    expect(out).toMatch(/^Querying plain\.d0$/m);
    expect(out).toMatch(/^\| +avg\(current\) \| +1 \| +[\d.]+ \|$/m);
    expect(await sql(dnode, 'show plain.stables')).toEqual([]);
    expect(await sql(dnode, 'select count(*) from plain.d2')).toEqual([[10]]);
  });

  test('vgroups are watched while they fill', async () => {
    const { out } = await demo(dnode, '-d', 'watched', '-t', '25', '-n', '0', '--watch-vgroups');
    expect(out).toMatch(/25 tables in 3 vgroups: vgId \d+: 10, vgId \d+: 10, vgId \d+: 5$/m);
  });

  test('a file of 2.1.2: two stables, samples, tags, tables made by rows', async () => {
    writeFileSync(path.join(folder, 'sample.csv'), "1,one\n2,'it\\'s'\n3,北京\n");
    writeFileSync(path.join(folder, 'tags.csv'), '1,north\n2,south\n');
    const stable = {
      childtable_count: 4,
      insert_rows: 6,
      start_timestamp: '2020-10-01 00:00:00.000',
      columns: [{ type: 'INT' }, { type: 'NCHAR', len: 8 }],
      tags: [{ type: 'TINYINT' }, { type: 'BINARY', len: 8 }],
    };
    const file = {
      filetype: 'insert',
      host: 'localhost',
      port: dnode.port,
      thread_count: 2,
      databases: [
        {
          dbinfo: {
            name: 'filed',
            drop: 'yes',
            days: 20,
            keep: 36_500,
            precision: 'us',
            walLevel: 1,
          },
          super_tables: [
            {
              ...stable,
              name: 'a',
              childtable_prefix: 'a_',
              data_source: 'sample',
              sample_file: './sample.csv',
              tags_file: './tags.csv',
            },
            {
              ...stable,
              name: 'b',
              childtable_prefix: 'b_',
              auto_create_table: 'yes',
              insert_mode: 'rest',
              interlace_rows: 2,
            },
          ],
        },
      ],
    };
    writeFileSync(path.join(folder, 'insert.json'), JSON.stringify(file));
    await runTool('taosdemo', ['-f', 'insert.json'], folder);
    expect(await sql(dnode, 'select col0, col1 from filed.a_3')).toEqual(
      [1, 2, 3, 1, 2, 3].map((n) => [n, ['one', "it's", '北京'][n - 1]]),
    );
    expect(await sql(dnode, 'select count(*) from filed.a where t1 = "south"')).toEqual([[12]]);
    expect(await sql(dnode, 'select count(*) from filed.b')).toEqual([[24]]);
    const more = structuredClone(file);
    more.databases[0]!.dbinfo.drop = 'no';
    more.databases[0]!.super_tables.shift();
    Object.assign(more.databases[0]!.super_tables[0]!, {
      child_table_exists: 'yes',
      childtable_limit: 2,
      childtable_offset: 1,
      start_timestamp: '2020-10-02 00:00:00.000',
    });
    writeFileSync(path.join(folder, 'more.json'), JSON.stringify(more));
    await runTool('taosdemo', ['-f', 'more.json'], folder);
    expect(await sql(dnode, 'select count(*) from filed.b')).toEqual([[24 + 2 * 6]]);
    const query = {
      filetype: 'query',
      host: 'localhost',
      port: dnode.port,
      databases: 'filed',
      query_times: 3,
      specified_table_query: {
        concurrent: 2,
        sqls: [{ sql: 'select count(*) from a', result: './r' }],
      },
      super_table_query: {
        stblname: 'b',
        threads: 2,
        sqls: [{ sql: 'select last(ts) from xxxx' }],
      },
    };
    writeFileSync(path.join(folder, 'query.json'), JSON.stringify(query));
    const { out } = await runTool('taosdemo', ['-f', 'query.json'], folder);
    expect(out).toMatch(/^completed total queries: 18, the QPS of all threads: [\d.]+$/m);
    expect(readFileSync(path.join(folder, 'r-1'), 'utf8')).toBe('24\n24\n24\n');
  });

  test('what cannot be done is said in one sentence, with status 1', async () => {
    writeFileSync(
      path.join(folder, 'bad.json'),
      '{"filetype":"insert","databases":[{"dbinfo":{"name":7}}]}',
    );
    const run = (...words: string[]) => startTool('taosdemo', words, folder).result;
    expect(await run('-f', 'bad.json')).toMatchObject({
      status: 1,
      err: 'taosdemo: bad.json: databases[0].dbinfo.name is 7, it must be a text in quotes\n',
    });
    const wrong = await run('-h', 'localhost', '-P', String(dnode.port), '-p', 'wrong', '-y');
    expect(wrong.status).toBe(1);
    expect(wrong.err).toMatch(/^taosdemo: Authentication failure/);
  });
});

test('three dnodes share the work, and go on when one of them is killed', async () => {
  const cluster = new TestCluster({ minTablesPerVnode: 4, maxVgroupsPerDb: 3, numOfMnodes: 1 });
  try {
    await cluster.join();
    const dnodes = [await cluster.join(), await cluster.join()];
    const { first } = cluster;
    const words = ['-h', 'localhost', '-P', String(first.port), '-y', '-a', '2'];
    const rows = ['-t', '12', '-n', '3000', '-r', '50', '-T', '6'];
    const running = startTool('taosdemo', [...words, ...rows], first.dir);
    await untilRows(first, 6000);
    await dnodes[1]!.stop('SIGKILL');
    await dnodes[1]!.start();
    const { status, out, err } = await running.result;
    expect(`${status} ${err}`).toMatch(/^0 /);
    expect(out).toContain('insert rows: 36000');
    expect(await sql(first, 'select count(*) from test.meters')).toEqual([[36_000]]);
    expect(
      new Set((await sql(first, 'show test.vgroups')).map((row) => row[4])).size,
    ).toBeGreaterThan(1);
  } finally {
    await cluster.dispose();
  }
});

async function untilRows(dnode: Taosd, count: number): Promise<void> {
  for (let i = 0; i < 2000; i++) {
    const { data } = await dnode.sql('select count(*) from test.meters');
    if (Number(data?.[0]?.[0] ?? 0) >= count) return;
  }
  throw new Error(`never ${count} rows`);
}
