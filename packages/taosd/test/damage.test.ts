/**
 * Damaged files, as an operator meets them: one vnode's file is changed on disk, the server starts and serves the
 * rest, `--check` names the place, `--repair` mends, and the server serves what is left. Real processes.
 */
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { newTaosd, type Taosd } from './harness.ts';

const program = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../bin/taosd.mjs');
/** `Data file(s) corrupted`. */
const CORRUPT = 0x0608;
const started: Taosd[] = [];

afterEach(async () => {
  for (const taosd of started.splice(0)) await taosd.dispose();
});

function run(taosd: Taosd, option: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [program, '-c', path.join(taosd.dir, 'cfg'), option], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

/** A server with databases `good` and `bad`, each a table with two rows. */
async function twoDatabases(): Promise<Taosd> {
  const taosd = await newTaosd();
  started.push(taosd);
  await taosd.start();
  for (const db of ['good', 'bad']) {
    expect((await taosd.sql(`create database ${db} keep 36500`)).status).toBe('succ');
    await taosd.sql(`create table ${db}.t (ts timestamp, v int)`);
    await taosd.sql(`create table ${db}.u (ts timestamp, v int)`);
    await taosd.sql(
      `insert into ${db}.t values (1600000000000, 1) (1600000001000, 2) ${db}.u values (1600000000000, 7)`,
    );
  }
  return taosd;
}

/** The folder of the vnode of `bad`. */
async function badFolder(taosd: Taosd): Promise<string> {
  const answer = await taosd.sql('show bad.vgroups');
  return path.join(taosd.dataDir, `vnode/vnode${String(answer.data![0]![0])}`);
}

/** Flips a bit of a file's byte `at`. */
function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at]! ^= 4;
  writeFileSync(file, bytes);
}

const count = async (taosd: Taosd, table: string) =>
  (await taosd.sql(`select count(*) from ${table}`)).data;

test('a damaged block of a segment: its table answers a code, all else serves, a repair drops the block', async () => {
  const taosd = await twoDatabases();
  const folder = await badFolder(taosd);
  expect(await taosd.stop()).toBe(0);
  expect(await run(taosd, '--check')).toMatchObject({
    code: 0,
    output: expect.stringContaining('none damaged') as string,
  });
  const name = readdirSync(path.join(folder, 'tsdb')).find((file) => file.endsWith('.seg'))!;
  const segment = path.join(folder, 'tsdb', name);
  flip(segment, 16);
  await taosd.start();
  expect(await count(taosd, 'good.t')).toEqual([[2]]);
  expect((await taosd.sql('select * from bad.u')).data).toHaveLength(1);
  expect(await taosd.sql('select * from bad.t')).toMatchObject({ status: 'error', code: CORRUPT });
  const refused = await run(taosd, '--check');
  expect(refused.code).toBe(1);
  expect(refused.output).toContain('another taosd');
  expect(await taosd.stop()).toBe(0);

  const checked = await run(taosd, '--check');
  expect(checked.code).toBe(1);
  expect(checked.output).toMatch(
    new RegExp(`tsdb/${name} +damaged at byte 16 .*: table t, 2 rows from 2020-09-13T`),
  );
  const repaired = await run(taosd, '--repair');
  expect(repaired.output).toContain('lost');
  expect(repaired.output).toContain('table t, 2 rows');
  expect(repaired.output).toContain(`${name}.damaged-1`);
  expect(repaired.code).toBe(0);
  expect(await run(taosd, '--check')).toMatchObject({ code: 0 });
  await taosd.start();
  expect((await taosd.sql('select * from bad.t')).data).toEqual([]);
  expect((await taosd.sql('select * from bad.u')).data).toHaveLength(1);
  expect((await taosd.sql('insert into bad.t values (1600000000000, 3)')).status).toBe('succ');
  expect(await count(taosd, 'bad.t')).toEqual([[1]]);
});

test.each(['manifest', 'config.json', 'meta'])(
  'a damaged %s: the vnode is out of service, the others serve, a repair does what it can',
  async (part) => {
    const taosd = await twoDatabases();
    const folder = await badFolder(taosd);
    expect(await taosd.stop()).toBe(0);
    // Meta: the record before the last one, known to be synced.
    if (part === 'meta') {
      await taosd.start();
      await taosd.sql('create table bad.later (ts timestamp, v int)');
      await taosd.sql('insert into bad.later values (1600000000000, 1)');
      expect(await taosd.stop()).toBe(0);
    }
    const meta = readdirSync(path.join(folder, 'meta')).find((file) => file.endsWith('.log'))!;
    const file = { manifest: 'tsdb/manifest', 'config.json': 'config.json', meta: `meta/${meta}` }[
      part
    ]!;
    flip(path.join(folder, file), 72);
    await taosd.start();
    expect(await count(taosd, 'good.t')).toEqual([[2]]);
    expect(await taosd.sql('select * from bad.t')).toMatchObject({
      status: 'error',
      code: CORRUPT,
    });
    expect(await taosd.sql('insert into bad.t values (now, 1)')).toMatchObject({
      status: 'error',
      code: CORRUPT,
    });
    expect(await taosd.stop()).toBe(0);
    const checked = await run(taosd, '--check');
    expect(checked.code).toBe(1);
    expect(checked.output).toContain(`${file} `);
    const repaired = await run(taosd, '--repair');
    if (part === 'meta') {
      // Nothing but the changes that were lost knows which table the rows belong to.
      expect(repaired).toMatchObject({
        code: 1,
        output: expect.stringContaining('cannot be repaired') as string,
      });
      return;
    }
    expect(repaired).toMatchObject({
      code: 0,
      output: expect.stringContaining('all of it serves again') as string,
    });
    await taosd.start();
    expect(await count(taosd, 'bad.t')).toEqual([[2]]);
    expect(await count(taosd, 'bad.u')).toEqual([[1]]);
  },
);

/** Where the records of a log segment begin (docs/format/wal.md). */
function recordsOf(log: Buffer): number[] {
  const found: number[] = [];
  for (let at = 32; at + 32 <= log.length; at += 32 + Math.ceil(log.readUInt32LE(at) / 8) * 8)
    found.push(at);
  return found;
}

test('a damaged record in the middle of a log: what came before it is back after a repair', async () => {
  const taosd = await newTaosd();
  started.push(taosd);
  await taosd.start();
  await taosd.sql('create database good keep 36500');
  await taosd.sql('create table good.t (ts timestamp, v int)');
  await taosd.sql('insert into good.t values (1600000000000, 1)');
  await taosd.sql('create database bad keep 36500 wal 2 fsync 0');
  await taosd.sql('create table bad.t (ts timestamp, v int)');
  for (let i = 0; i < 6; i++)
    await taosd.sql(`insert into bad.t values (${1600000000000 + i}, ${i})`);
  const folder = await badFolder(taosd);
  await taosd.stop('SIGKILL');
  const name = readdirSync(path.join(folder, 'wal')).find((file) => file.endsWith('.log'))!;
  const log = path.join(folder, 'wal', name);
  const at = recordsOf(readFileSync(log)).at(-3)!;
  flip(log, at + 40);

  await taosd.start();
  expect(await count(taosd, 'good.t')).toEqual([[1]]);
  expect(await taosd.sql('select * from bad.t')).toMatchObject({ status: 'error', code: CORRUPT });
  expect(taosd.logTail(200)).toContain(`${log}: record checksum mismatch`);
  expect(await taosd.stop()).toBe(0);
  const checked = await run(taosd, '--check');
  expect(checked.code).toBe(1);
  expect(checked.output).toMatch(
    new RegExp(`wal/${name} +damaged at byte ${at} .*: versions \\d+ to \\d+`),
  );
  const repaired = await run(taosd, '--repair');
  expect(repaired).toMatchObject({
    code: 0,
    output: expect.stringMatching(/lost .*versions \d+ to \d+/) as string,
  });
  expect(readdirSync(path.join(folder, 'wal'))).toContain(`${name}.damaged-1`);
  await taosd.start();
  expect((await taosd.sql('select v from bad.t')).data).toEqual([[0], [1], [2]]);
  expect((await taosd.sql('insert into bad.t values (1600000000003, 9)')).status).toBe('succ');
});

test('damaged metadata: the server says so in one sentence and does not start', async () => {
  const taosd = await twoDatabases();
  expect(await taosd.stop()).toBe(0);
  flip(path.join(taosd.dataDir, 'mnode/checkpoint'), 100);
  await expect(taosd.start()).rejects.toThrow(
    /ended with 1: .*mnode\/checkpoint: checksum does not match at byte 8: taosd --check/,
  );
  expect(await run(taosd, '--check')).toMatchObject({
    code: 1,
    output: expect.stringContaining('mnode/checkpoint') as string,
  });
  expect(await run(taosd, '--repair')).toMatchObject({
    code: 1,
    output: expect.stringContaining('restore') as string,
  });
});
