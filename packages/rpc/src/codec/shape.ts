/**
 * Shapes: one description of a message from which its bytes, its check and its fingerprint follow.
 *
 * A shape writes a value, reads it back, and describes itself in a line of text (`describe`) that the test of the
 * protocol's version hashes. Reading never trusts a length: texts, blobs and lists carry their limit, and a
 * list is read item by item, so that no memory is taken for items that are not there.
 *
 * Invariants: `read` after an error of the reader returns some value of no meaning and moves nothing; the one
 * who decodes asks `reader.error` once, at the end. A refused value sets an error by `Malformed`.
 */
import { ErrorCode, TaosError, type ByteReader, type ByteWriter } from '@tdnode/common';

/** How values of `T` travel. */
export interface Shape<T> {
  readonly describe: string;
  write(writer: ByteWriter, value: T): void;
  read(reader: ByteReader): T;
}

/** The value's type. */
export type ShapeOf<S> = S extends Shape<infer T> ? T : never;

/** Bytes that are not what the message's shape says. */
export function malformed(what: string): TaosError {
  return new TaosError(ErrorCode.RPC_INVALID_VALUE, undefined, {
    detail: `a message of another dnode is malformed: ${what}`,
  });
}

const encoder = new TextEncoder();

/** No value: an empty request or answer. */
export const nothing: Shape<void> = { describe: '-', write: () => {}, read: () => {} };

/** 0 to 255. */
export const u8: Shape<number> = {
  describe: 'u8',
  write: (writer, value) => writer.u8(value),
  read: (reader) => reader.u8(),
};

/** A whole number in [0, 2⁵³), short when small. */
export const count: Shape<number> = {
  describe: 'count',
  write: (writer, value) => writer.varint(value),
  read: (reader) => reader.varint(),
};

/** Any double. */
export const f64: Shape<number> = {
  describe: 'f64',
  write: (writer, value) => writer.f64(value),
  read: (reader) => reader.f64(),
};

/** A truth value, one byte. */
export const bool: Shape<boolean> = {
  describe: 'bool',
  write: (writer, value) => writer.u8(value ? 1 : 0),
  read: (reader) => reader.u8() === 1,
};

/** A text of at most `maxBytes` bytes of UTF-8. */
export function text(maxBytes: number): Shape<string> {
  return {
    describe: `text(${maxBytes})`,
    write(writer, value) {
      const bytes = encoder.encode(value);
      if (bytes.length > maxBytes) throw malformed(`a text of ${bytes.length} bytes`);
      writer.varint(bytes.length);
      writer.bytes(bytes);
    },
    read(reader) {
      const value = reader.string();
      if (value.length > maxBytes) throw malformed(`a text of ${value.length} characters`);
      return value;
    },
  };
}

/** Bytes, at most `maxBytes`, starting at a multiple of 8 in the message; read as a view into it. */
export function blob(maxBytes: number): Shape<Uint8Array> {
  return {
    describe: `blob(${maxBytes})`,
    write(writer, value) {
      if (value.length > maxBytes) throw malformed(`a block of ${value.length} bytes`);
      writer.varint(value.length);
      writer.align(8);
      writer.bytes(value);
    },
    read(reader) {
      const length = reader.varint();
      if (length > maxBytes) throw malformed(`a block of ${length} bytes`);
      reader.align(8);
      return reader.bytes(length);
    },
  };
}

/** At most `maxCount` values, one after the other. */
export function list<T>(item: Shape<T>, maxCount: number): Shape<readonly T[]> {
  return {
    describe: `list(${item.describe},${maxCount})`,
    write(writer, values) {
      if (values.length > maxCount) throw malformed(`a list of ${values.length}`);
      writer.varint(values.length);
      for (const value of values) item.write(writer, value);
    },
    read(reader) {
      const length = reader.varint();
      if (length > maxCount) throw malformed(`a list of ${length}`);
      const values: T[] = [];
      for (let i = 0; i < length && reader.error === undefined; i++) values.push(item.read(reader));
      return values;
    },
  };
}

/** A value or undefined. */
export function optional<T>(inner: Shape<T>): Shape<T | undefined> {
  return {
    describe: `optional(${inner.describe})`,
    write(writer, value) {
      writer.u8(value === undefined ? 0 : 1);
      if (value !== undefined) inner.write(writer, value);
    },
    read: (reader) => (reader.u8() === 1 ? inner.read(reader) : undefined),
  };
}

/** One of some words, a byte. */
export function oneOf<const W extends string>(...words: readonly W[]): Shape<W> {
  return {
    describe: `oneOf(${words.join('|')})`,
    write: (writer, value) => writer.u8(words.indexOf(value)),
    read(reader) {
      const word = words[reader.u8()];
      if (word === undefined) throw malformed(`none of ${words.join(', ')}`);
      return word;
    },
  };
}

/** Fields by name; a field that may be left out has an `optional` shape and is left out when undefined. */
type Fields<T> = { readonly [K in keyof T]-?: Shape<T[K]> | Shape<T[K] | undefined> };

/** An object: its fields in the order in which they are listed. */
export function struct<T extends object>(fields: Fields<T>): Shape<T> {
  const entries = Object.entries(fields) as [keyof T & string, Shape<unknown>][];
  return {
    describe: `{${entries.map(([name, shape]) => `${name}:${shape.describe}`).join(',')}}`,
    write(writer, value) {
      for (const [name, shape] of entries) shape.write(writer, value[name]);
    },
    read(reader) {
      const value: Partial<T> = {};
      for (const [name, shape] of entries) {
        const field = shape.read(reader);
        if (field !== undefined) value[name] = field as T[keyof T & string];
      }
      return value as T;
    },
  };
}

type Variants<T extends { readonly kind: string }> = {
  readonly [K in T['kind']]: Shape<Omit<Extract<T, { kind: K }>, 'kind'>>;
};

/** A discriminated union by `kind`: a byte, then the variant's fields. */
export function union<T extends { readonly kind: string }>(variants: Variants<T>): Shape<T> {
  const entries = Object.entries(variants) as [string, Shape<object>][];
  const kinds = entries.map(([kind]) => kind);
  return {
    describe: `union(${entries.map(([kind, shape]) => `${kind}${shape.describe}`).join('|')})`,
    write(writer, value) {
      const index = kinds.indexOf(value.kind);
      writer.u8(index);
      entries[index]![1].write(writer, value);
    },
    read(reader) {
      const entry = entries[reader.u8()];
      if (entry === undefined) throw malformed(`none of ${kinds.join(', ')}`);
      return { kind: entry[0], ...entry[1].read(reader) } as unknown as T;
    },
  };
}
