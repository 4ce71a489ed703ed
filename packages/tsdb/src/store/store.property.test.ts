/**
 * Aim: whatever is written, and whatever the background does meanwhile, the store answers like a plain map
 * of rows. Method: random sequences of writes (in order, late, under the same time, partial columns), drops, deletes,
 * schema changes, commits, single background steps and reopens against the model, for both kinds of `update`; with an owner
 * who undoes what is not final, as a replica does, and without.
 */
import { SqlType, vectorValue, type Column } from '@tdnode/common';
import { ManualClock, MemoryFileSystem, assertNothingOpen } from '@tdnode/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BlockCursor } from '../cursor/scan.ts';
import {
  DAY,
  StoreModel,
  column,
  plain,
  readAll,
  testOptions,
  type Value,
  type Write,
} from '../../test/store-model.ts';

const TIDS = 4;
const BASE = 18_000 * DAY;
const FIRST_TYPES = [
  SqlType.INT,
  SqlType.FLOAT,
  SqlType.DOUBLE,
  SqlType.BIGINT,
  SqlType.BINARY,
  SqlType.BOOL,
];
/** Types that columns added later have, too. */
const TYPES = Object.values(SqlType);

function valueOf(type: SqlType, seed: number): Value {
  if (seed % 5 === 0) return null;
  switch (type) {
    case SqlType.BOOL:
      return seed & 1;
    case SqlType.BINARY:
    case SqlType.NCHAR:
      return 'x'.repeat(seed % 7) + String(seed % 11);
    case SqlType.BIGINT:
      return seed % 7 === 1 ? 2n ** 60n + BigInt(seed) : seed;
    case SqlType.UBIGINT:
      return seed % 7 === 1 ? 2n ** 63n + BigInt(seed) : seed;
    case SqlType.DOUBLE:
      return seed / 8;
    case SqlType.TINYINT:
      return (seed % 255) - 127;
    case SqlType.UTINYINT:
      return seed % 255;
    default:
      return seed % 1000;
  }
}

interface Append {
  readonly kind: 'append';
  readonly tids: readonly number[];
  /** Steps of time from row to row; the rows go round the tables. */
  readonly start: number;
  readonly steps: readonly number[];
  readonly mask: number;
  readonly seed: number;
}

const append: fc.Arbitrary<Append> = fc.record({
  kind: fc.constant('append' as const),
  tids: fc.uniqueArray(fc.integer({ min: 1, max: TIDS }), { minLength: 1, maxLength: 3 }),
  start: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 6 })),
  steps: fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 9 })), {
    minLength: 1,
    maxLength: 20,
    size: 'max',
  }),
  mask: fc.oneof(fc.constant(255), fc.integer({ min: 0, max: 255 })),
  seed: fc.integer({ min: 0, max: 100_000 }),
});

const operation = fc.oneof(
  { weight: 8, arbitrary: append },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('begin' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('steps' as const),
      count: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('resume' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('final' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('undo' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('drop' as const),
      tid: fc.integer({ min: 1, max: TIDS }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      tid: fc.integer({ min: 1, max: TIDS }),
      from: fc.integer({ min: -5, max: 70 }),
      length: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 80 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('schema' as const),
      at: fc.integer({ min: 0, max: 20 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      tid: fc.integer({ min: 1, max: TIDS }),
      from: fc.integer({ min: -5, max: 70 }),
      length: fc.integer({ min: 0, max: 80 }),
      descending: fc.boolean(),
      mask: fc.integer({ min: 0, max: 255 }),
      isHeld: fc.boolean(),
    }),
  },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** Ticks of the tests are an eighth of a day apart, so that a few dozen of them span several partitions. */
const tickAt = (n: number): number => BASE + n * (DAY / 8) - 3 * DAY;

function toWrite(model: StoreModel, op: Append): Write | undefined {
  const tids = op.tids.filter((tid) => !model.dropped.has(tid));
  if (tids.length === 0) return undefined;
  const columns = model.columns.filter((c, i) => c.colId > 1 && (op.mask >> i) & 1);
  const segments = tids.map((tid, t) => {
    let at = op.start;
    const rows = op.steps.map((step, i) => {
      const ts = tickAt(at);
      at += step;
      return {
        ts,
        values: columns.map((c) => valueOf(c.type, op.seed + i * 31 + t * 7 + c.colId)),
      };
    });
    return { tid, rows };
  });
  return { columns, segments };
}

function pick(model: StoreModel, mask: number): Column[] {
  return model.columns.filter((c, i) => c.colId > 1 && (mask >> i) & 1);
}

/** A cursor with what it should give; it may go on long after it was opened. */
interface Reading {
  readonly cursor: BlockCursor;
  readonly columns: readonly Column[];
  readonly descending: boolean;
  readonly expected: unknown;
}

function startRead(model: StoreModel, op: Extract<Operation, { kind: 'read' }>): Reading {
  const columns = pick(model, op.mask);
  const [from, to] = [tickAt(op.from), tickAt(op.from + op.length)];
  const cursor = model.store.cursor(op.tid, model.spec(columns, from, to, op.descending));
  return {
    cursor,
    columns,
    descending: op.descending,
    expected: model.expected(op.tid, columns, from, to),
  };
}

function checkRead({ cursor, columns, descending, expected }: Reading): void {
  const blocks = readAll(cursor, columns);
  if (descending) blocks.reverse();
  expect(blocks.flat()).toEqual(expected);
}

/** Statistics of whole blocks against their values, and the newest row, of every table. */
function checkAll(model: StoreModel): void {
  const columns = model.columns.filter((c) => c.colId > 1);
  for (let tid = 1; tid <= TIDS; tid++) {
    const expected = model.expected(tid, columns, -Infinity, Infinity);
    const cursor = model.store.cursor(tid, model.spec(columns, -Infinity, Infinity, false));
    let rows = 0;
    for (let block = cursor.next(); block !== undefined; block = cursor.next()) {
      const part = expected.slice(rows, rows + block.rows);
      expect([block.tsFirst, block.tsLast]).toEqual([part[0]!.ts, part[part.length - 1]!.ts]);
      columns.forEach((c, i) =>
        checkStats(
          block!.stats(i),
          part.map(({ row }) => row.get(c.colId)!),
        ),
      );
      rows += block.rows;
    }
    cursor.close();
    expect(rows).toBe(expected.length);
    expect(model.store.rowCount(tid)).toBeGreaterThanOrEqual(rows);
    checkLast(model, tid, columns, expected[expected.length - 1]);
  }
}

function checkStats(
  stats:
    | { nullCount: number; sum: number; min: number; max: number; first: number; last: number }
    | undefined,
  values: readonly Value[],
): void {
  if (stats === undefined) return;
  const numbers = values.filter((value): value is number => typeof value === 'number');
  expect(stats.nullCount).toBe(values.length - numbers.length);
  if (numbers.length === 0) return;
  expect(stats).toMatchObject({ min: Math.min(...numbers), max: Math.max(...numbers) });
  expect(stats.sum).toBeCloseTo(
    numbers.reduce((a, b) => a + b, 0),
    6,
  );
  if (stats.nullCount === 0)
    expect([stats.first, stats.last]).toEqual([numbers[0], numbers[numbers.length - 1]]);
}

function checkLast(
  model: StoreModel,
  tid: number,
  columns: readonly Column[],
  newest: { ts: number; row: ReadonlyMap<number, Value> } | undefined,
): void {
  const last = model.store.lastRow(
    tid,
    columns.map((c) => c.colId),
  );
  // Where deletes hide rows of files it must be read for.
  if (last === undefined) return;
  if (newest === undefined) {
    expect(last).toBeNull();
    return;
  }
  expect(last!.ts).toBe(newest.ts);
  const row = new Map(columns.map((c, i) => [c.colId, plain(vectorValue(last!.columns[i]!, 0))]));
  expect(row).toEqual(newest.row);
}

function isUndoable({ store }: StoreModel): boolean {
  return store.commitLimit !== Infinity;
}

/** Nothing that was taken so far will be undone. */
function makeFinal(model: StoreModel): void {
  if (isUndoable(model)) model.store.commitLimit = model.log.length;
}

/** A store that is opened anew is told what is final. */
function keepingLimit(model: StoreModel, reopen: () => void): void {
  const { commitLimit } = model.store;
  reopen();
  model.store.commitLimit = commitLimit;
}

function run(model: StoreModel, op: Operation, held: Reading[]): void {
  const { store, clock } = model;
  switch (op.kind) {
    case 'append': {
      const write = toWrite(model, op);
      if (write !== undefined) model.write(write);
      return;
    }
    case 'begin':
      return void store.beginCommit();
    case 'steps':
      for (let i = 0; i < op.count; i++) store.runSlice(clock.monotonic());
      return;
    case 'flush':
      makeFinal(model);
      store.flush();
      expect(store.committedVersion).toBe(model.log.length);
      return;
    case 'settle':
      while (store.runSlice(clock.monotonic()) === 'more');
      return;
    case 'reopen':
      while (held.length > 0) held.pop()!.cursor.close();
      // An unclean end leaves handles open, as a killed process would; here they would look like a leak.
      store.close();
      return keepingLimit(model, () => model.reopen());
    case 'final':
      return makeFinal(model);
    case 'undo': {
      if (!isUndoable(model)) return;
      while (held.length > 0) held.pop()!.cursor.close();
      return keepingLimit(model, () => model.undoTo(store.commitLimit));
    }
    case 'drop':
      if (!model.dropped.has(op.tid)) model.drop(op.tid);
      return;
    case 'delete':
      model.deleteRows(op.tid, tickAt(op.from), tickAt(op.from + op.length));
      return;
    case 'schema': {
      const fresh = column(
        Math.max(...model.columns.map((c) => c.colId)) + 1,
        TYPES[op.at % TYPES.length]!,
      );
      const kept = model.columns.filter((_, i) => i === 0 || i !== op.at);
      model.columns = [...kept, fresh].slice(0, 8);
      return;
    }
    case 'read': {
      const reading = startRead(model, op);
      if (op.isHeld) held.push(reading);
      else checkRead(reading);
      return;
    }
    case 'resume':
      while (held.length > 0) checkRead(held.pop()!);
      return;
  }
}

test.each([
  [0, 'final', Infinity],
  [1, 'final', Infinity],
  [0, 'undone', 0],
  [1, 'undone', 0],
])('update %i, writes are %s: answers like a plain map of rows', (update, _, commitLimit) => {
  let compactions = 0;
  fc.assert(
    fc.property(fc.array(operation, { minLength: 1, maxLength: 80, size: 'max' }), (operations) => {
      const columns = [
        column(1, SqlType.TIMESTAMP),
        ...FIRST_TYPES.map((type, i) => column(i + 2, type)),
      ];
      const fs = new MemoryFileSystem();
      fs.makeFolder('/v');
      const model = new StoreModel(fs, new ManualClock(BASE), { ...testOptions, update }, columns);
      const held: Reading[] = [];
      model.store.commitLimit = commitLimit;
      for (const op of operations) run(model, op, held);
      while (held.length > 0) checkRead(held.pop()!);
      checkAll(model);
      makeFinal(model);
      model.store.flush();
      checkAll(model);
      while (model.store.runSlice(0) === 'more');
      checkAll(model);
      model.store.close();
      assertNothingOpen(fs);
      compactions += model.compactions;
    }),
    { numRuns: commitLimit === Infinity ? 150 : 60, seed: 42 },
  );
  expect(compactions).toBeGreaterThan(10);
});
