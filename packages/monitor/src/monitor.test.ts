/**
 * Aim: each interval writes one row, all events and slow queries; what cannot be written is said once and does not end the
 * monitor. Method: a service that keeps the statements, a clock of the test's own.
 */
import { ErrorCode, silentLogger, TaosError, type Logger } from '@tdnode/common';
import { ManualClock } from '@tdnode/testkit';
import type { SqlService, StatementEvent } from '@tdnode/taosc';
import { expect, test } from 'vitest';
import type { HostCounters } from './host-counters.ts';
import { Monitor } from './monitor.ts';

const counters: HostCounters = {
  processTicks: 0,
  totalTicks: 0,
  busyTicks: 0,
  cores: 2,
  processMemoryBytes: 0,
  memoryTotalBytes: 0,
  memoryAvailableBytes: 0,
  diskTotalBytes: 0,
  diskFreeBytes: 0,
  networkBytes: 0,
  readBytes: 0,
  writtenBytes: 0,
};

class Bench {
  readonly clock = new ManualClock(1_600_000_000_000);
  readonly statements: string[] = [];
  readonly warnings: string[] = [];
  failure: TaosError | undefined;
  readonly monitor: Monitor;

  constructor() {
    const logger: Logger = { ...silentLogger, warn: (_module, text) => this.warnings.push(text) };
    this.monitor = new Monitor({ logger, clock: this.clock, counters: async () => counters });
    const service: Pick<SqlService, 'execute'> = {
      execute: async (sql) => {
        if (this.failure !== undefined) throw this.failure;
        this.statements.push(Buffer.from(sql).toString());
        return { kind: 'affected', rows: 1 };
      },
    };
    this.monitor.start({
      service: service as SqlService,
      writer: () => ({ dnodeId: 3, endPoint: 'h3:6030' }),
      intervalSeconds: () => 600,
    });
  }

  /** What one interval writes. */
  async interval(): Promise<string[]> {
    this.statements.length = 0;
    this.clock.advance(30_000);
    await this.monitor.write();
    return [...this.statements];
  }
}

const slow: StatementEvent = {
  kind: 'select',
  user: 'root',
  sql: new TextEncoder().encode("select it's"),
  createdAt: 1_600_000_000_000,
  elapsedMs: 3500.25,
  code: 0,
  rows: 1,
};

test('tables first, then a row an interval', async () => {
  const bench = new Bench();
  const first = await bench.interval();
  expect(first.every((sql) => sql.startsWith('create '))).toBe(true);
  expect(first).toContain("create table if not exists log.dn3 using log.dn tags (3, 'h3:6030')");
  expect(await bench.interval()).toEqual([
    'insert into log.dn3 values (1600000060000000, 0.000, 0.000, 2, 0.000, 0.000, 0, 0.000, 0, 0.000, 0.000, 0.000, 0, 0, 0)',
  ]);
  await bench.monitor.close();
});

test('statements are counted into the row, slow ones are kept with their text', async () => {
  const bench = new Bench();
  await bench.interval();
  bench.monitor.note(slow);
  bench.monitor.note({ ...slow, kind: 'insert', elapsedMs: 1 });
  const written = await bench.interval();
  expect(written[0]).toMatch(/, 2, 1, 1\)$/);
  expect(written[1]).toBe(
    "insert into log.slowquery values (1600000030000000, 'root', 1600000000000000, 3500250, 'select it\\'s')",
  );
  expect(bench.warnings).toEqual(["slow: 3.500 s, user root: select it's"]);
  await bench.monitor.close();
});

test('errors and what happens to the cluster are events; debug and other information are not', async () => {
  const bench = new Bench();
  await bench.interval();
  bench.monitor.logger.error('VND', 'vgroup 2 is gone');
  bench.monitor.logger.info('MND', 'dnode 4 is created');
  bench.monitor.logger.info('TDB', 'commit');
  const [, events] = await bench.interval();
  expect(events).toBe(
    "insert into log.log values (1600000030000000, 1, 'VND vgroup 2 is gone', 'h3:6030') " +
      "(1600000030000001, 4, 'MND dnode 4 is created', 'h3:6030')",
  );
  await bench.monitor.close();
});

test('a cluster that does not answer is said once; later all is made again', async () => {
  const bench = new Bench();
  bench.failure = new TaosError(ErrorCode.MND_NOT_READY);
  await bench.interval();
  await bench.interval();
  expect(bench.warnings).toHaveLength(1);
  bench.failure = undefined;
  expect((await bench.interval())[0]).toContain('create database if not exists log');
  await bench.monitor.close();
});

test('events that are too many are counted, not kept', async () => {
  const bench = new Bench();
  await bench.interval();
  for (let i = 0; i < 250; i++) bench.monitor.logger.error('VND', `event ${i}`);
  const [, events] = await bench.interval();
  expect(events).not.toContain("'VND event 49'");
  expect(events).toContain("'VND event 50'");
  expect(events).toContain('MON 50 events were too many');
  await bench.monitor.close();
});
