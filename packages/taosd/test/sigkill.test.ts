/**
 * Kills a taosd under load with SIGKILL at random moments, again and again on the same data, at walLevel 1:
 * every acknowledged row is there afterwards, exactly once, and nothing that was never sent. Commits and
 * compaction run meanwhile (the database's memory is as small as it gets).
 */
import { afterAll, expect, test } from 'vitest';
import { seededRandom } from '@tdnode/common';
import { pause, startTaosd, type Taosd } from './harness.ts';

const ROUNDS = process.env['TDNODE_FULL'] === '1' ? 200 : 50;
const WRITERS = 4;
const ROWS_PER_STATEMENT = 40;
const FIRST_TS = 1_600_000_000_000;

const taosd: Taosd = await startTaosd({ restfulRowLimit: 10_000_000 });
afterAll(() => taosd.dispose());

interface Writer {
  readonly table: string;
  /** Times sent so far lie in [FIRST_TS, nextTs). */
  nextTs: number;
  /** Times acknowledged lie below, but for statements that were under way at a kill. */
  readonly acknowledged: number[];
}

async function write(writer: Writer, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const from = writer.nextTs;
    let sql = `insert into crash.${writer.table} values`;
    for (let i = 0; i < ROWS_PER_STATEMENT; i++)
      sql += ` (${from + i}, ${(from + i) % 1000}, 'v${from + i}')`;
    writer.nextTs = from + ROWS_PER_STATEMENT;
    const answer = await taosd.sql(sql).catch(() => undefined);
    if (answer?.status !== 'succ') return;
    writer.acknowledged.push(from);
  }
}

async function storedSince(writer: Writer, from: number): Promise<number[]> {
  const answer = await taosd.sql(
    `select ts, v, s from crash.${writer.table} where ts >= ${from}`,
    '/rest/sqlt',
  );
  expect(answer.status, answer.desc).toBe('succ');
  return answer.data!.map(([ts, v, s]) => {
    expect(v).toBe((ts as number) % 1000);
    expect(s).toBe(`v${ts as number}`);
    return ts as number;
  });
}

test(`${ROUNDS} kills lose no acknowledged row and double none`, async () => {
  const seed = Number(process.env['TDNODE_SEED'] ?? 20260101);
  const random = seededRandom(seed);
  await taosd.sql('create database crash keep 36500 cache 1 blocks 3');
  await taosd.sql('create table crash.st (ts timestamp, v int, s binary(20)) tags (k int)');
  const writers: Writer[] = [];
  for (let k = 0; k < WRITERS; k++) {
    await taosd.sql(`create table crash.t${k} using crash.st tags (${k})`);
    writers.push({ table: `t${k}`, nextTs: FIRST_TS, acknowledged: [] });
  }
  for (let round = 0; round < ROUNDS; round++) {
    const starts = writers.map((writer) => writer.nextTs);
    let stopped = false;
    const work = writers.map((writer) => write(writer, () => stopped));
    await pause(20 + random.next() * 300);
    await taosd.stop('SIGKILL');
    stopped = true;
    await Promise.all(work);
    await taosd.start();
    for (const [k, writer] of writers.entries()) {
      const stored = await storedSince(writer, starts[k]!);
      const distinct = new Set(stored);
      expect(distinct.size, `round ${round} of seed ${seed}: doubled rows`).toBe(stored.length);
      for (const from of writer.acknowledged.splice(0)) {
        for (let i = 0; i < ROWS_PER_STATEMENT; i++) {
          expect(distinct.has(from + i), `round ${round} of seed ${seed}: ${from + i} lost`).toBe(
            true,
          );
        }
      }
      expect(stored.every((ts) => ts < writer.nextTs)).toBe(true);
    }
  }
  for (const writer of writers) {
    const all = await storedSince(writer, FIRST_TS);
    const count = await taosd.sql(`select count(*) from crash.${writer.table}`);
    expect(count.data![0]![0]).toBe(all.length);
  }
});
