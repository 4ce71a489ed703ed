/** All messages between replicas (and the arbitrator) of one vgroup; a file each. docs/protocol/sync.md. */
import type { Append } from './append.ts';
import type { AppendAck } from './append-ack.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { HeartbeatAck } from './heartbeat-ack.ts';
import type { InSync } from './in-sync.ts';
import type { InSyncAck } from './in-sync-ack.ts';
import type { TimeoutNow } from './timeout-now.ts';
import type { Vote } from './vote.ts';
import type { VoteAck } from './vote-ack.ts';

/** A message, without the payloads of an append. */
export type Message =
  | Append
  | AppendAck
  | Heartbeat
  | HeartbeatAck
  | Vote
  | VoteAck
  | TimeoutNow
  | InSync
  | InSyncAck;

/** The names of the messages. */
export type MessageKind = Message['kind'];
