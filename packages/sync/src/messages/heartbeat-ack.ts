/** `heartbeatAck`: a follower (or the arbitrator) hears its master. */
import type { ByteReader, ByteWriter } from '@tdnode/common';
import { decodeInSyncSet, encodeInSyncSet } from './in-sync-set.ts';
import type { InSyncSet } from '../core/types.ts';
import type { Envelope } from './envelope.ts';

export interface HeartbeatAck extends Envelope {
  readonly kind: 'heartbeatAck';
  /** What the follower accepted from this master so far; the arbitrator: 0. */
  readonly lastVersion: number;
  /** Of it, what is durable: repeats an appendAck that was lost. */
  readonly persistedVersion: number;
  /** From the heartbeat. */
  readonly sentVersion: number;
  /** Arbitrator only, else NO_IN_SYNC. */
  readonly inSync: InSyncSet;
}

/** Byte layout behind the envelope: docs/protocol/sync.md. */
export function encodeHeartbeatAck(writer: ByteWriter, message: HeartbeatAck): void {
  writer.f64(message.lastVersion);
  writer.f64(message.persistedVersion);
  writer.f64(message.sentVersion);
  encodeInSyncSet(writer, message.inSync);
}

/** The fields that `encodeHeartbeatAck` wrote. */
export function decodeHeartbeatAck(reader: ByteReader, envelope: Envelope): HeartbeatAck {
  return {
    ...envelope,
    kind: 'heartbeatAck',
    lastVersion: reader.f64(),
    persistedVersion: reader.f64(),
    sentVersion: reader.f64(),
    inSync: decodeInSyncSet(reader),
  };
}
