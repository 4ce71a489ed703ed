/** `inSyncAck`: the in-sync set that the arbitrator keeps now, durably. */
import type { ByteReader, ByteWriter } from '@tdnode/common';
import { decodeInSyncSet, encodeInSyncSet } from './in-sync-set.ts';
import type { InSyncSet } from '../core/types.ts';
import type { Envelope } from './envelope.ts';

export interface InSyncAck extends Envelope {
  readonly kind: 'inSyncAck';
  readonly inSync: InSyncSet;
}

/** Byte layout behind the envelope: docs/protocol/sync.md. */
export function encodeInSyncAck(writer: ByteWriter, message: InSyncAck): void {
  encodeInSyncSet(writer, message.inSync);
}

/** The fields that `encodeInSyncAck` wrote. */
export function decodeInSyncAck(reader: ByteReader, envelope: Envelope): InSyncAck {
  return { ...envelope, kind: 'inSyncAck', inSync: decodeInSyncSet(reader) };
}
