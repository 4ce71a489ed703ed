import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

test('what is written is read', () => {
  const field = fc.oneof(
    fc.record({ k: fc.constant('u8' as const), v: fc.nat(255) }),
    fc.record({ k: fc.constant('u16' as const), v: fc.nat(65535) }),
    fc.record({ k: fc.constant('u32' as const), v: fc.nat(0xffffffff) }),
    fc.record({ k: fc.constant('i32' as const), v: fc.integer() }),
    fc.record({ k: fc.constant('f64' as const), v: fc.double({ noNaN: true }) }),
    fc.record({
      k: fc.constant('i64' as const),
      v: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    }),
    fc.record({ k: fc.constant('varint' as const), v: fc.maxSafeNat() }),
    fc.record({ k: fc.constant('string' as const), v: fc.string({ unit: 'binary' }) }),
  );
  fc.assert(
    fc.property(fc.array(field), (fields) => {
      const writer = new ByteWriter(1);
      for (const { k, v } of fields) (writer[k] as (value: unknown) => void).call(writer, v);
      const reader = new ByteReader(writer.copy());
      for (const { k, v } of fields) expect(reader[k]()).toEqual(v);
      expect(reader.error).toBeUndefined();
      expect(reader.remaining).toBe(0);
    }),
  );
});

test('an overrun sticks: later reads give nothing and move nothing', () => {
  const reader = new ByteReader(new Uint8Array([1, 2, 3]));
  expect(reader.u8()).toBe(1);
  expect(reader.u32()).toBe(0);
  expect(reader.error).toBe('4 bytes wanted at 1, 2 left');
  expect(reader.u8()).toBe(0);
  expect(reader.bytes(1)).toHaveLength(0);
  expect(reader.offset).toBe(1);
});

test('bytes that are not UTF-8 are an error, and so is an endless varint', () => {
  const text = new ByteReader(new Uint8Array([2, 0xff, 0xfe]));
  expect(text.string()).toBe('');
  expect(text.error).toMatch(/not UTF-8/);
  const varint = new ByteReader(new Uint8Array(9).fill(0xff));
  varint.varint();
  expect(varint.error).toMatch(/varint/);
});

test('align pads with zeros on both sides', () => {
  const writer = new ByteWriter();
  writer.u8(9);
  writer.align(8);
  writer.u8(7);
  expect([...writer.view()]).toEqual([9, 0, 0, 0, 0, 0, 0, 0, 7]);
  const reader = new ByteReader(writer.copy());
  reader.u8();
  reader.align(8);
  expect(reader.u8()).toBe(7);
});
