/** `vote`: a candidate (or, before it dares to take a new term, a pre-candidate) asks for a vote. */
import type { ByteReader, ByteWriter } from '@tdnode/common';
import type { Envelope } from './envelope.ts';

export interface Vote extends Envelope {
  readonly kind: 'vote';
  /** The end of the candidate's log: election restriction. */
  readonly lastVersion: number;
  readonly lastTerm: number;
  /** For the arbitrator: the era that the candidate's config belongs to. */
  readonly era: number;
  /** Only asked whether it would be granted; `term` is one above the sender's own. */
  readonly isPreVote: boolean;
  /** The master itself handed over: voters that still hear it answer all the same. */
  readonly isTransfer: boolean;
}

/** Byte layout behind the envelope: docs/protocol/sync.md. */
export function encodeVote(writer: ByteWriter, message: Vote): void {
  writer.f64(message.lastVersion);
  writer.u32(message.lastTerm);
  writer.f64(message.era);
  writer.u8((message.isPreVote ? 1 : 0) | (message.isTransfer ? 2 : 0));
}

/** The fields that `encodeVote` wrote. */
export function decodeVote(reader: ByteReader, envelope: Envelope): Vote {
  const lastVersion = reader.f64();
  const lastTerm = reader.u32();
  const era = reader.f64();
  const flags = reader.u8();
  return {
    ...envelope,
    kind: 'vote',
    lastVersion,
    lastTerm,
    era,
    isPreVote: (flags & 1) !== 0,
    isTransfer: (flags & 2) !== 0,
  };
}
