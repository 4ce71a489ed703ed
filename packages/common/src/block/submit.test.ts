/** Submit payloads there and back, and the page's example. */
import { pageDump } from '@tdnode/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SqlType } from '../types/sql-type.ts';
import {
  ColumnForm,
  readSubmit,
  submitGroupBytes,
  writeSubmitGroup,
  type SubmitGroupSource,
} from './submit.ts';

const raw = (array: Float64Array | Int32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

function groupOf(tables: readonly { uid: number; times: readonly number[] }[]): SubmitGroupSource {
  const times = Float64Array.from(tables.flatMap((table) => table.times));
  const values = Int32Array.from(times, (ts) => ts % 97);
  return {
    schemaUid: 42,
    schemaVersion: 3,
    rows: times.length,
    segments: tables.length,
    uids: tables.map((table) => table.uid),
    rowCounts: tables.map((table) => table.times.length),
    columns: [
      { colId: 1, type: SqlType.TIMESTAMP, form: ColumnForm.WIDE_AS_DOUBLE, data: [raw(times)] },
      { colId: 5, type: SqlType.INT, form: ColumnForm.NATIVE, data: [raw(values)] },
    ],
  };
}

const tables = fc.array(
  fc.record({
    uid: fc.integer({ min: 1, max: 2 ** 50 }),
    times: fc
      .uniqueArray(fc.nat(1e9), { minLength: 1, maxLength: 9 })
      .map((t) => t.sort((a, b) => a - b)),
  }),
  { minLength: 1, maxLength: 6 },
);

test('groups come back as views of what was written', () => {
  fc.assert(
    fc.property(fc.array(tables, { minLength: 1, maxLength: 3 }), (lists) => {
      const sources = lists.map(groupOf);
      const payload = new Uint8Array(
        sources.reduce((sum, source) => sum + submitGroupBytes(source), 0),
      );
      let at = 0;
      for (const source of sources) at = writeSubmitGroup(source, payload, at);
      expect(at).toBe(payload.length);
      const groups = readSubmit(payload);
      expect(groups).toHaveLength(lists.length);
      for (const [g, group] of groups.entries()) {
        const list = lists[g]!;
        const times = list.flatMap((table) => table.times);
        expect([group.schemaUid, group.schemaVersion, group.rows, group.segments]).toEqual([
          42,
          3,
          times.length,
          list.length,
        ]);
        expect([...group.uids]).toEqual(list.map((table) => table.uid));
        expect([...group.ts]).toEqual(times);
        expect([group.tsMin, group.tsMax]).toEqual([Math.min(...times), Math.max(...times)]);
        const [, column] = group.columns;
        expect([column!.colId, column!.type, column!.form]).toEqual([
          5,
          SqlType.INT,
          ColumnForm.NATIVE,
        ]);
        expect([...new Int32Array(group.buffer, column!.byteOffset, group.rows)]).toEqual(
          times.map((ts) => ts % 97),
        );
      }
    }),
  );
});

test('the example of docs/format/submit.md', () => {
  const source = groupOf([{ uid: 7, times: [1000, 2000] }]);
  const payload = new Uint8Array(submitGroupBytes(source));
  writeSubmitGroup(source, payload, 0);
  expect(payload).toEqual(pageDump('format/submit.md'));
});
