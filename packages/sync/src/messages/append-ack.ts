/** `appendAck`: how far a follower's log is durable and equal to the master's, or where it differs. */
import type { ByteReader, ByteWriter } from '@tdnode/common';
import type { Envelope } from './envelope.ts';

export interface AppendAck extends Envelope {
  readonly kind: 'appendAck';
  /** Accepted: durable and equal up to here. Refused: the prevVersion that did not match. */
  readonly version: number;
  readonly isRefused: boolean;
  /** Refused: the highest version at which the logs may be equal, and its term in the follower's log. */
  readonly hintVersion: number;
  readonly hintTerm: number;
}

/** Byte layout behind the envelope: docs/protocol/sync.md. */
export function encodeAppendAck(writer: ByteWriter, message: AppendAck): void {
  writer.f64(message.version);
  writer.u8(message.isRefused ? 1 : 0);
  writer.f64(message.hintVersion);
  writer.u32(message.hintTerm);
}

/** The fields that `encodeAppendAck` wrote. */
export function decodeAppendAck(reader: ByteReader, envelope: Envelope): AppendAck {
  return {
    ...envelope,
    kind: 'appendAck',
    version: reader.f64(),
    isRefused: reader.u8() === 1,
    hintVersion: reader.f64(),
    hintTerm: reader.u32(),
  };
}
