/** `inSync`: the master tells the arbitrator which replicas hold everything that is committed. */
import type { ByteReader, ByteWriter } from '@tdnode/common';
import { decodeInSyncSet, encodeInSyncSet } from './in-sync-set.ts';
import type { InSyncSet } from '../core/types.ts';
import type { Envelope } from './envelope.ts';

export interface InSync extends Envelope {
  readonly kind: 'inSync';
  /** Its epoch is above the one kept so far; an older one is a repeated message. */
  readonly inSync: InSyncSet;
}

/** Byte layout behind the envelope: docs/protocol/sync.md. */
export function encodeInSync(writer: ByteWriter, message: InSync): void {
  encodeInSyncSet(writer, message.inSync);
}

/** The fields that `encodeInSync` wrote. */
export function decodeInSync(reader: ByteReader, envelope: Envelope): InSync {
  return { ...envelope, kind: 'inSync', inSync: decodeInSyncSet(reader) };
}
