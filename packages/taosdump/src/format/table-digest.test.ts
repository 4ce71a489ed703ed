import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Cell } from './cell.ts';
import { TableDigest } from './table-digest.ts';

const cell: fc.Arbitrary<Cell> = fc.oneof(
  fc.constant(null),
  fc.double({ noNaN: true }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.boolean(),
  fc.uint8Array({ maxLength: 40 }),
);

function digestOf(cells: readonly Cell[], cuts: readonly number[]): string {
  const digest = new TableDigest(1);
  let from = 0;
  for (const cut of [...cuts, cells.length].toSorted((a, b) => a - b)) {
    digest.add([cells], from, Math.min(cut, cells.length));
    from = Math.min(cut, cells.length);
  }
  expect(digest.rows).toBe(cells.length);
  return digest.hex();
}

test('it does not depend on how rows come', () => {
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 300 }), fc.array(fc.nat(300)), (cells, cuts) => {
      expect(digestOf(cells, cuts)).toBe(digestOf(cells, []));
    }),
    { seed: 6, numRuns: 300 },
  );
});

test.each<[string, readonly Cell[], readonly Cell[]]>([
  ['NULL and an empty string', [null], [new Uint8Array(0)]],
  ['0 and minus nought', [0], [-0]],
  ['a number and a whole number', [1], [1n]],
  ['the order', [1, 2], [2, 1]],
  [
    'where one string ends',
    [new Uint8Array([1]), new Uint8Array([2, 3])],
    [new Uint8Array([1, 2]), new Uint8Array([3])],
  ],
])('it tells %s apart', (_, a, b) => {
  expect(digestOf(a, [])).not.toBe(digestOf(b, []));
});

test('its layout is the documented one', () => {
  const digest = new TableDigest(2);
  const rows: readonly (readonly Cell[])[] = [
    [1n, -1n],
    [null, new Uint8Array([97])],
  ];
  digest.add(rows, 0, 2);
  const first = Buffer.from('02010000000000000002ffffffffffffffff', 'hex');
  const second = Buffer.from('00040100000061', 'hex');
  const columns = Buffer.alloc(8);
  columns.writeUInt32LE(crc32(first), 0);
  columns.writeUInt32LE(crc32(second), 4);
  expect(digest.hex()).toBe(crc32(columns).toString(16).padStart(8, '0'));
});
