/**
 * Plain data: values of which the wire knows no shape, because a layer above owns them (the fragment of a
 * query). Null, undefined, booleans, numbers with every bit (infinities, NaN), bigints of 64 bits, texts, bytes,
 * arrays and plain objects; nothing else passes. Page: docs/protocol/rpc.md, "Plain data".
 *
 * Bounds: 32 levels, 100 000 values; a name `__proto__` is refused.
 */
import type { ByteReader, ByteWriter } from '@tdnode/common';
import { malformed, type Shape } from './shape.ts';

const MAX_DEPTH = 32;
const MAX_VALUES = 100_000;

const Tag = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  bigint: 5,
  text: 6,
  bytes: 7,
  array: 8,
  object: 9,
  /** A bigint in [2⁶³, 2⁶⁴). */
  unsigned: 10,
} as const;

/** An object of plain data. */
export const plainObject: Shape<object> = {
  describe: 'plain',
  write(writer, value) {
    writePlain(writer, value, 0);
  },
  read(reader) {
    const value = readPlain(reader, 0, { left: MAX_VALUES });
    if (typeof value !== 'object' || value === null)
      throw malformed('plain data without an object');
    return value;
  },
};

function writePlain(writer: ByteWriter, value: unknown, depth: number): void {
  if (depth > MAX_DEPTH) throw malformed('plain data too deep');
  switch (typeof value) {
    case 'undefined':
      return writer.u8(Tag.undefined);
    case 'boolean':
      return writer.u8(value ? Tag.true : Tag.false);
    case 'number':
      writer.u8(Tag.number);
      return writer.f64(value);
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value)
        throw malformed('a whole number beyond 64 bits');
      writer.u8(BigInt.asIntN(64, value) === value ? Tag.bigint : Tag.unsigned);
      return writer.i64(BigInt.asIntN(64, value));
    case 'string':
      writer.u8(Tag.text);
      return writer.string(value);
    case 'object':
      return writeObject(writer, value, depth);
    default:
      throw malformed(`plain data with a ${typeof value}`);
  }
}

function writeObject(writer: ByteWriter, value: object | null, depth: number): void {
  if (value === null) {
    writer.u8(Tag.null);
  } else if (value instanceof Uint8Array) {
    writer.u8(Tag.bytes);
    writer.varint(value.length);
    writer.bytes(value);
  } else if (Array.isArray(value)) {
    writer.u8(Tag.array);
    writer.varint(value.length);
    for (const item of value) writePlain(writer, item, depth + 1);
  } else {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      throw malformed('plain data with an object of a class');
    const entries = Object.entries(value);
    writer.u8(Tag.object);
    writer.varint(entries.length);
    for (const [name, field] of entries) {
      writer.string(name);
      writePlain(writer, field, depth + 1);
    }
  }
}

function readPlain(reader: ByteReader, depth: number, budget: { left: number }): unknown {
  if (depth > MAX_DEPTH || --budget.left < 0) throw malformed('plain data too deep or too large');
  const tag = reader.u8();
  switch (tag) {
    case Tag.undefined:
      return undefined;
    case Tag.null:
      return null;
    case Tag.false:
      return false;
    case Tag.true:
      return true;
    case Tag.number:
      return reader.f64();
    case Tag.bigint:
      return reader.i64();
    case Tag.unsigned:
      return BigInt.asUintN(64, reader.i64());
    case Tag.text:
      return reader.string();
    case Tag.bytes:
      return new Uint8Array(reader.bytes(reader.varint()));
    case Tag.array:
      return readArray(reader, depth, budget);
    case Tag.object:
      return readObject(reader, depth, budget);
    default:
      throw malformed(`plain data of kind ${tag}`);
  }
}

function readArray(reader: ByteReader, depth: number, budget: { left: number }): unknown[] {
  const values: unknown[] = [];
  const length = reader.varint();
  for (let i = 0; i < length && reader.error === undefined; i++)
    values.push(readPlain(reader, depth + 1, budget));
  return values;
}

function readObject(reader: ByteReader, depth: number, budget: { left: number }): object {
  const value: Record<string, unknown> = {};
  const length = reader.varint();
  for (let i = 0; i < length && reader.error === undefined; i++) {
    const name = reader.string();
    if (name === '__proto__') throw malformed('a field called __proto__');
    value[name] = readPlain(reader, depth + 1, budget);
  }
  return value;
}
