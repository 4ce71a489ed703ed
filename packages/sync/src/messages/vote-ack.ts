/** `voteAck`: yes or no to a vote or pre-vote. */
import type { ByteReader, ByteWriter } from '@tdnode/common';
import { decodeInSyncSet, encodeInSyncSet } from './in-sync-set.ts';
import type { InSyncSet } from '../core/types.ts';
import type { Envelope } from './envelope.ts';

export interface VoteAck extends Envelope {
  readonly kind: 'voteAck';
  readonly isPreVote: boolean;
  readonly isGranted: boolean;
  /** Arbitrator only, else NO_IN_SYNC. */
  readonly inSync: InSyncSet;
}

/** Byte layout behind the envelope: docs/protocol/sync.md. */
export function encodeVoteAck(writer: ByteWriter, message: VoteAck): void {
  writer.u8((message.isPreVote ? 1 : 0) | (message.isGranted ? 2 : 0));
  encodeInSyncSet(writer, message.inSync);
}

/** The fields that `encodeVoteAck` wrote. */
export function decodeVoteAck(reader: ByteReader, envelope: Envelope): VoteAck {
  const flags = reader.u8();
  return {
    ...envelope,
    kind: 'voteAck',
    isPreVote: (flags & 1) !== 0,
    isGranted: (flags & 2) !== 0,
    inSync: decodeInSyncSet(reader),
  };
}
