import { CorruptionError, SqlType, type Column, type TagValue } from '@tdnode/common';
import { pageDump } from '@tdnode/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeChanges, encodeChanges, type Change } from './change.ts';

const uid = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const name = fc.string({ unit: 'binary', maxLength: 20 });
const tag: fc.Arbitrary<TagValue> = fc.oneof(
  fc.constant(null),
  fc.double({ noNaN: true }),
  fc.bigInt({ min: -(2n ** 63n), max: -1n }),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.uint8Array({ maxLength: 20 }),
);
const columns: fc.Arbitrary<Column[]> = fc.array(
  fc.record({
    name,
    type: fc.constantFrom(...Object.values(SqlType)),
    bytes: fc.nat(65535),
    colId: fc.nat(65535),
  }),
  { maxLength: 4 },
);
const schema = fc.record({ version: fc.nat(1e6), columns, tags: columns });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('putSchema' as const), uid, name, isStable: fc.boolean(), schema }),
  fc.record({
    kind: fc.constant('createTables' as const),
    schemaUid: uid,
    tables: fc.array(fc.record({ uid, name, tags: fc.array(tag, { maxLength: 3 }) }), {
      maxLength: 4,
    }),
  }),
  fc.record({ kind: fc.constant('dropTables' as const), uids: fc.array(uid, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant('dropStable' as const), uid }),
  fc.record({ kind: fc.constant('setTag' as const), uid, colId: fc.nat(65535), value: tag }),
);

test('changes come back as they were', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 5 }), (changes) => {
      expect(decodeChanges(encodeChanges(changes))).toEqual(changes);
    }),
  );
});

test('a payload cut anywhere is corruption, never a wrong change', () => {
  const payload = encodeChanges([
    {
      kind: 'createTables',
      schemaUid: 5,
      tables: [{ uid: 6, name: 'd1', tags: [1, null, new Uint8Array([65])] }],
    },
    { kind: 'dropTables', uids: [1, 2] },
  ]);
  for (let end = 0; end < payload.length; end++) {
    expect(() => decodeChanges(payload.subarray(0, end))).toThrow(CorruptionError);
  }
});

test('the example of docs/format/change.md', () => {
  const column = (colId: number, name: string, type: SqlType, bytes: number): Column => ({
    colId,
    name,
    type,
    bytes,
  });
  const columns = [column(1, 'ts', SqlType.TIMESTAMP, 8), column(2, 'v', SqlType.INT, 4)];
  const changes: Change[] = [
    {
      kind: 'putSchema',
      uid: 10,
      name: 'st',
      isStable: true,
      schema: { version: 1, columns, tags: [column(3, 'k', SqlType.INT, 4)] },
    },
    { kind: 'createTables', schemaUid: 10, tables: [{ uid: 11, name: 'a', tags: [7] }] },
    { kind: 'setTag', uid: 11, colId: 3, value: null },
  ];
  const page = pageDump('format/change.md');
  expect(encodeChanges(changes)).toEqual(page);
  expect(decodeChanges(page)).toEqual(changes);
});
