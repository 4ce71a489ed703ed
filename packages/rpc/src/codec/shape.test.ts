/** Shapes give back what they took, refuse what is too long, and never take a cut or changed message for a whole one. */
import { TaosError } from '@tdnode/common';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode, encode } from './encode.ts';
import { plainObject } from './plain-data.ts';
import {
  blob,
  bool,
  count,
  f64,
  list,
  oneOf,
  optional,
  struct,
  text,
  u8,
  union,
  type Shape,
} from './shape.ts';

interface Item {
  readonly id: number;
  readonly ratio: number;
  readonly name: string;
  readonly flag: boolean;
  readonly color: 'red' | 'green';
  readonly note?: string;
  readonly bytes: Uint8Array;
}

const item = struct<Item>({
  id: count,
  ratio: f64,
  name: text(400),
  flag: bool,
  color: oneOf('red', 'green'),
  note: optional(text(400)),
  bytes: blob(100),
});

type Command =
  | { readonly kind: 'one'; readonly item: Item }
  | { readonly kind: 'none'; readonly why: number };

const command = union<Command>({
  one: struct<{ item: Item }>({ item }),
  none: struct<{ why: number }>({ why: u8 }),
});
const commands = list(command, 20);

const anyItem: fc.Arbitrary<Item> = fc.record(
  {
    id: fc.maxSafeNat(),
    ratio: fc.double(),
    name: fc.string({ unit: 'binary', maxLength: 100 }),
    flag: fc.boolean(),
    color: fc.constantFrom('red' as const, 'green' as const),
    note: fc.string({ maxLength: 20 }),
    bytes: fc.uint8Array({ maxLength: 100 }),
  },
  { requiredKeys: ['id', 'ratio', 'name', 'flag', 'color', 'bytes'] },
);
const anyCommands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('one' as const), item: anyItem }),
    fc.record({ kind: fc.constant('none' as const), why: fc.nat(255) }),
  ),
  { maxLength: 20 },
);

test('values come back as they were, blobs at multiples of 8', () => {
  fc.assert(
    fc.property(anyCommands, (values) => {
      const back = decode(commands, encode(commands, values));
      expect(back).toEqual(values);
      for (const value of back)
        if (value.kind === 'one') expect(value.item.bytes.byteOffset % 8).toBe(0);
    }),
  );
});

test('a message cut anywhere, or with a byte more, is refused', () => {
  const whole = encode(commands, [
    {
      kind: 'one',
      item: {
        id: 300,
        ratio: 0.5,
        name: 'ä',
        flag: true,
        color: 'green',
        note: 'n',
        bytes: new Uint8Array(9),
      },
    },
    { kind: 'none', why: 3 },
  ]);
  for (let end = 0; end < whole.length; end++)
    expect(() => decode(commands, whole.subarray(0, end)), `${end}`).toThrow(TaosError);
  expect(() => decode(commands, new Uint8Array([...whole, 0]))).toThrow(TaosError);
});

test('any bytes give a value or a TaosError, and take no memory for what they only claim', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        decode(commands, bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(TaosError);
      }
    }),
  );
  const claim = new Uint8Array([0xff, 0xff, 0xff, 0x7f]); // 268 million
  for (const shape of [text(10), blob(10), list(u8, 10)])
    expect(() => decode(shape as Shape<unknown>, claim)).toThrow(TaosError);
});

test('what is too long is refused before it leaves', () => {
  expect(() => encode(text(3), 'four')).toThrow(TaosError);
  expect(() => encode(blob(3), new Uint8Array(4))).toThrow(TaosError);
  expect(() => encode(list(u8, 3), [1, 2, 3, 4])).toThrow(TaosError);
});

const plain = fc.dictionary(
  fc.string().filter((key) => key !== '__proto__'),
  fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, undefined, true, false, NaN, -0, Infinity, -Infinity),
      fc.double(),
      fc.string({ unit: 'binary' }),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
      fc.uint8Array(),
      fc.array(tie('value')),
      fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        tie('value'),
      ),
    ),
  })).value,
  { noNullPrototype: true },
);

test('plain data comes back bit for bit', () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(decode(plainObject, encode(plainObject, value))).toEqual({ ...value });
    }),
  );
});

test('plain data has bounds: depth, count, kinds, names', () => {
  let deep: object = {};
  for (let i = 0; i < 40; i++) deep = { deep };
  const refused = [
    deep,
    { f: () => 1 },
    { m: new Map() },
    { n: 2n ** 64n },
    JSON.parse('{"__proto__": 1}') as object,
  ];
  for (const value of refused.slice(0, 4))
    expect(() => encode(plainObject, value)).toThrow(TaosError);
  expect(() => decode(plainObject, encode(plainObject, refused[4]!))).toThrow(TaosError);
  const many = encode(plainObject, { many: Array.from({ length: 100_001 }, () => null) });
  expect(() => decode(plainObject, many)).toThrow(TaosError);
});
