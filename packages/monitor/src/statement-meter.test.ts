/** Aim: counts and cumulated latency buckets are those of the statements. Method: known statements; bounds hit exactly. */
import { expect, test } from 'vitest';
import type { StatementEvent } from '@tdnode/taosc';
import { latencyBounds, StatementMeter } from './statement-meter.ts';

function event(parts: Partial<StatementEvent>): StatementEvent {
  const sql = new Uint8Array();
  return {
    kind: 'select',
    user: 'root',
    sql,
    createdAt: 0,
    elapsedMs: 1,
    code: 0,
    rows: 0,
    ...parts,
  };
}

test('kinds, results, rows and time are counted apart', () => {
  const meter = new StatementMeter();
  meter.note(event({ kind: 'insert', rows: 10, elapsedMs: 500 }));
  meter.note(event({ kind: 'insert', rows: 5, elapsedMs: 250 }));
  meter.note(event({ kind: 'insert', code: 866 }));
  meter.note(event({ kind: 'select', rows: 3 }));
  const insert = meter.counts().find(({ kind }) => kind === 'insert')!;
  expect(insert).toMatchObject({ succeeded: 2, failed: 1, rows: 15, seconds: 0.751 });
  expect(meter.total('insert')).toBe(3);
  expect(meter.totalOfAll()).toBe(4);
});

test('a latency belongs to the first bucket that is not below it, and to all above', () => {
  const meter = new StatementMeter();
  for (const bound of latencyBounds) meter.note(event({ elapsedMs: bound * 1000 }));
  meter.note(event({ elapsedMs: 3_600_000 }));
  const { buckets } = meter.counts().find(({ kind }) => kind === 'select')!;
  expect(buckets).toEqual(Array.from({ length: latencyBounds.length + 1 }, (_, i) => i + 1));
});
