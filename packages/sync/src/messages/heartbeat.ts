/** `heartbeat`: the master is there; what is committed. */
import type { ByteReader, ByteWriter } from '@tdnode/common';
import type { Envelope } from './envelope.ts';

export interface Heartbeat extends Envelope {
  readonly kind: 'heartbeat';
  /** The master's commit; the follower takes of it what it has matched. */
  readonly commit: number;
  /** The last version sent to this follower before this message: comes back, so that a loss shows. */
  readonly sentVersion: number;
}

/** Byte layout behind the envelope: docs/protocol/sync.md. */
export function encodeHeartbeat(writer: ByteWriter, message: Heartbeat): void {
  writer.f64(message.commit);
  writer.f64(message.sentVersion);
}

/** The fields that `encodeHeartbeat` wrote. */
export function decodeHeartbeat(reader: ByteReader, envelope: Envelope): Heartbeat {
  return { ...envelope, kind: 'heartbeat', commit: reader.f64(), sentVersion: reader.f64() };
}
