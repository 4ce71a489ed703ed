/**
 * The tags of one child table as bytes: u8 count, then per tag u16 colId and the value as change payloads
 * have it (docs/format/change.md). Tags that are NULL are left out: an absent tag reads as NULL, which is
 * also what a tag added to the stable later is.
 */
import { ByteReader, ByteWriter, type Column, type TagValue } from '@tdnode/common';
import { readTagValue, writeTagValue } from '@tdnode/rpc';

const scratch = new ByteWriter(256);

/** Encodes values in the order of the schema's tags; the result is valid until the next call. */
export function encodeTags(columns: readonly Column[], values: readonly TagValue[]): Uint8Array {
  scratch.reset();
  scratch.u8(values.reduce<number>((count, value) => count + (value === null ? 0 : 1), 0));
  values.forEach((value, i) => writeTag(scratch, columns[i]!.colId, value));
  return scratch.view();
}

function writeTag(writer: ByteWriter, colId: number, value: TagValue): void {
  if (value === null) return;
  writer.u16(colId);
  writeTagValue(writer, value);
}

/** The value of one tag. */
export function findTag(tags: Uint8Array, colId: number): TagValue {
  const reader = new ByteReader(tags);
  for (let count = reader.u8(); count > 0; count--) {
    const id = reader.u16();
    const value = readTagValue(reader);
    if (id === colId) return value;
  }
  return null;
}

/** The same tags with one of them changed; valid until the next call of this module. */
export function replaceTag(tags: Uint8Array, colId: number, value: TagValue): Uint8Array {
  const reader = new ByteReader(tags);
  const kept: [number, TagValue][] = [];
  for (let count = reader.u8(); count > 0; count--) kept.push([reader.u16(), readTagValue(reader)]);
  const others = kept.filter(([id]) => id !== colId);
  scratch.reset();
  scratch.u8(others.length + (value === null ? 0 : 1));
  for (const [id, other] of others) writeTag(scratch, id, other);
  writeTag(scratch, colId, value);
  return scratch.view();
}
