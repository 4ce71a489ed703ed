/** Files of 2.1.2's shape, and each way in which they can be wrong. */
import { expect, test } from 'vitest';
import { timeZone } from '@tdnode/common';
import type { InsertJob, QueryJob } from '../job.ts';
import { jobFile } from './job-file.ts';

const context = { nowMs: 1_600_000_000_000, zone: timeZone('Asia/Shanghai') };
const force = { answersYes: false, seed: undefined, watchesVgroups: false };

const insertFile = {
  filetype: 'insert',
  cfgdir: '/etc/taos',
  host: 'h1',
  port: 7030,
  user: 'root',
  password: 'taosdata',
  thread_count: 4,
  thread_count_create_tbl: 2,
  result_file: './r.txt',
  confirm_parameter_prompt: 'yes',
  insert_interval: 5,
  num_of_records_per_req: 100,
  databases: [
    {
      dbinfo: {
        name: 'db',
        drop: 'no',
        replica: 1,
        days: 10,
        cachelast: 0,
        precision: 'us',
        keep: 365,
      },
      super_tables: [
        {
          name: 'stb',
          child_table_exists: 'no',
          childtable_count: 100,
          childtable_prefix: 'stb_',
          auto_create_table: 'yes',
          data_source: 'rand',
          insert_mode: 'rest',
          childtable_limit: 33,
          childtable_offset: 66,
          insert_rows: 1000,
          disorder_ratio: 10,
          disorder_range: 500,
          timestamp_step: 2,
          start_timestamp: '2020-10-01 00:00:00.000',
          sample_format: 'csv',
          sample_file: '',
          tags_file: '',
          multi_thread_write_one_tbl: 'no',
          columns: [{ type: 'INT' }, { type: 'BINARY', len: 16, count: 2 }],
          tags: [{ type: 'TINYINT', count: 2 }],
        },
      ],
    },
  ],
};

type Edit = (file: typeof insertFile) => unknown;

function read(file: unknown) {
  return jobFile(JSON.stringify(file), 'a.json', { force, context });
}

test('an insert file becomes a job', () => {
  const { job, unknownKeys } = read(insertFile);
  expect(unknownKeys).toEqual([]);
  const insert = job as InsertJob;
  expect(insert).toMatchObject({
    connection: { host: 'h1', port: 7030, configDir: '/etc/taos' },
    threads: 4,
    createThreads: 2,
    rowsPerRequest: 100,
    asksFirst: true,
  });
  expect(insert.databases[0]).toMatchObject({
    name: 'db',
    drop: false,
    precision: 'us',
    options: [
      ['replica', 1],
      ['days', 10],
      ['keep', 365],
      ['cachelast', 0],
      ['precision', "'us'"],
    ],
  });
  const table = insert.databases[0]!.tables[0]!;
  expect(table).toMatchObject({
    prefix: 'stb_',
    autoCreate: true,
    via: 'rest',
    intervalMs: 5,
    childLimit: 33,
    childOffset: 66,
    timestampStep: 2,
    startMs: Date.UTC(2020, 8, 30, 16),
  });
  expect(table.columns.map(({ name }) => name)).toEqual(['col0', 'col1', 'col2']);
  expect(table.tags.map(({ name }) => name)).toEqual(['t0', 't1']);
});

test.each<[string, Edit, string]>([
  [
    'a text for a number',
    (f) => Object.assign(f.databases[0]!.super_tables[0]!, { insert_rows: 'many' }),
    'a.json: databases[0].super_tables[0].insert_rows is "many", it must be a whole number of at least 0',
  ],
  [
    'a negative number',
    (f) => Object.assign(f, { thread_count: -1 }),
    'a.json: thread_count is -1, it must be a whole number from 1 to 1000',
  ],
  [
    'something else than yes and no',
    (f) => Object.assign(f.databases[0]!.dbinfo, { drop: true }),
    'a.json: databases[0].dbinfo.drop is true, it must be "yes" or "no"',
  ],
  [
    'a wrong type',
    (f) => Object.assign(f.databases[0]!.super_tables[0]!.columns[0]!, { type: 'JSON' }),
    'a.json: databases[0].super_tables[0].columns[0].type: JSON is not one of BOOL',
  ],
  [
    'a missing name',
    (f) => Object.assign(f.databases[0]!.dbinfo, { name: undefined }),
    'a.json: databases[0].dbinfo.name is missing',
  ],
  ['no databases', (f) => Object.assign(f, { databases: [] }), 'a.json: databases is missing'],
  [
    'an object where a list belongs',
    (f) => Object.assign(f, { databases: {} }),
    'a.json: databases is {}, it must be a list, [ … ]',
  ],
  [
    'no time',
    (f) => Object.assign(f.databases[0]!.super_tables[0]!, { start_timestamp: 'soon' }),
    'start_timestamp is "soon", it must be "now", ms since 1970',
  ],
  [
    'a subscription',
    (f) => Object.assign(f, { filetype: 'subscribe' }),
    'a.json: filetype: subscribe is not offered, the server has no subscriptions',
  ],
])('%s is refused in one sentence', (_, edit, sentence) => {
  const file = structuredClone(insertFile);
  edit(file);
  expect(() => read(file)).toThrow(sentence);
});

test('keys that mean nothing are named', () => {
  const file = structuredClone(insertFile);
  Object.assign(file.databases[0]!.super_tables[0]!, { rows: 10 });
  expect(read(file).unknownKeys).toEqual(['a.json: databases[0].super_tables[0].rows']);
});

test('what is no JSON is refused', () => {
  expect(() => jobFile('{"filetype": ', 'a.json', { force, context })).toThrow(
    /^a\.json is not JSON: /,
  );
});

test('a query file becomes a job', () => {
  const { job } = read({
    filetype: 'query',
    databases: 'db01',
    query_times: 3,
    specified_table_query: {
      query_interval: 1,
      concurrent: 2,
      sqls: [{ sql: 'select count(*) from stb01', result: './r0.txt' }],
    },
    super_table_query: {
      stblname: 'stb01',
      threads: 4,
      sqls: [{ sql: 'select count(*) from xxxx' }],
    },
  });
  expect(job as QueryJob).toMatchObject({
    database: 'db01',
    times: 3,
    specified: { concurrent: 2, intervalMs: 1000 },
    eachTable: { stable: 'stb01', threads: 4, intervalMs: 0 },
  });
});
