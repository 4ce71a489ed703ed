/** An in-sync set inside a message: count u8, ids u32, epoch f64, era f64. */
import type { ByteReader, ByteWriter } from '@tdnode/common';
import type { InSyncSet } from '../core/types.ts';

/** See the head of this file. */
export function encodeInSyncSet(writer: ByteWriter, { members, epoch, era }: InSyncSet): void {
  writer.u8(members.length);
  for (const id of members) writer.u32(id);
  writer.f64(epoch);
  writer.f64(era);
}

/** The set that `encodeInSyncSet` wrote. */
export function decodeInSyncSet(reader: ByteReader): InSyncSet {
  const members = Array.from({ length: reader.u8() }, () => reader.u32());
  return { members, epoch: reader.f64(), era: reader.f64() };
}
