/** Entries that the group itself writes, as records of its log. */
import { ByteWriter } from '@tdnode/common';
import { RECORD_HEADER_BYTES, recordBytes } from '@tdnode/wal';
import { encodeConfig } from '../core/config-codec.ts';
import type { OwnEntry } from '../core/step-types.ts';
import { OwnRecordType } from './replica-log.ts';

/** A record for `Log.add`, at 0 of `bytes`. */
export function encodeOwnEntry(entry: OwnEntry): {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly length: number;
  readonly type: number;
} {
  const writer = new ByteWriter(64);
  if (entry.kind === 'config') encodeConfig(writer, entry.config);
  const { length } = writer;
  const bytes = new Uint8Array(recordBytes(length));
  bytes.set(writer.view(), RECORD_HEADER_BYTES);
  return { bytes, length, type: OwnRecordType[entry.kind] };
}
