/**
 * Messages as bytes: docs/protocol/sync.md. One frame: vgId u32, kind u8, reserved u8[3], from u32, to u32,
 * term u32, then the fields of the kind; what follows the message (an append's records) is the driver's.
 */
import type { ByteReader, ByteWriter } from '@tdnode/common';
import { decodeAppend, encodeAppend } from './append.ts';
import { decodeAppendAck, encodeAppendAck } from './append-ack.ts';
import type { Envelope } from './envelope.ts';
import { decodeHeartbeat, encodeHeartbeat } from './heartbeat.ts';
import { decodeHeartbeatAck, encodeHeartbeatAck } from './heartbeat-ack.ts';
import { decodeInSync, encodeInSync } from './in-sync.ts';
import { decodeInSyncAck, encodeInSyncAck } from './in-sync-ack.ts';
import type { Message, MessageKind } from './message.ts';
import { decodeVote, encodeVote } from './vote.ts';
import { decodeVoteAck, encodeVoteAck } from './vote-ack.ts';

/** The kinds' numbers in a frame; 0 is none, and from 64 on they are not the core's. */
export const MESSAGE_KINDS: Readonly<Record<MessageKind, number>> = {
  append: 1,
  appendAck: 2,
  heartbeat: 3,
  heartbeatAck: 4,
  vote: 5,
  voteAck: 6,
  timeoutNow: 7,
  inSync: 8,
  inSyncAck: 9,
};

/** Bytes before the fields of a kind. */
export const FRAME_HEADER_BYTES = 20;

/** Writes the frame of `message`; the writer stands behind it afterwards. */
export function encodeMessage(writer: ByteWriter, vgId: number, message: Message): void {
  writer.u32(vgId);
  writer.u32(MESSAGE_KINDS[message.kind]);
  writer.u32(message.from);
  writer.u32(message.to);
  writer.u32(message.term);
  encodeFields(writer, message);
}

function encodeFields(writer: ByteWriter, message: Message): void {
  switch (message.kind) {
    case 'append':
      return encodeAppend(writer, message);
    case 'appendAck':
      return encodeAppendAck(writer, message);
    case 'heartbeat':
      return encodeHeartbeat(writer, message);
    case 'heartbeatAck':
      return encodeHeartbeatAck(writer, message);
    case 'vote':
      return encodeVote(writer, message);
    case 'voteAck':
      return encodeVoteAck(writer, message);
    case 'inSync':
      return encodeInSync(writer, message);
    case 'inSyncAck':
      return encodeInSyncAck(writer, message);
    case 'timeoutNow':
  }
}

/** Reads one frame; undefined when it is none (too short, or an unknown kind). Never throws. */
export function decodeMessage(
  reader: ByteReader,
): { readonly vgId: number; readonly message: Message } | undefined {
  const vgId = reader.u32();
  const kind = reader.u32();
  const envelope = { from: reader.u32(), to: reader.u32(), term: reader.u32() };
  const message = decodeFields(reader, kind, envelope);
  return message === undefined || reader.error !== undefined ? undefined : { vgId, message };
}

function decodeFields(reader: ByteReader, kind: number, envelope: Envelope): Message | undefined {
  switch (kind) {
    case MESSAGE_KINDS.append:
      return decodeAppend(reader, envelope);
    case MESSAGE_KINDS.appendAck:
      return decodeAppendAck(reader, envelope);
    case MESSAGE_KINDS.heartbeat:
      return decodeHeartbeat(reader, envelope);
    case MESSAGE_KINDS.heartbeatAck:
      return decodeHeartbeatAck(reader, envelope);
    case MESSAGE_KINDS.vote:
      return decodeVote(reader, envelope);
    case MESSAGE_KINDS.voteAck:
      return decodeVoteAck(reader, envelope);
    case MESSAGE_KINDS.timeoutNow:
      return { ...envelope, kind: 'timeoutNow' };
    case MESSAGE_KINDS.inSync:
      return decodeInSync(reader, envelope);
    case MESSAGE_KINDS.inSyncAck:
      return decodeInSyncAck(reader, envelope);
    default:
      return undefined;
  }
}
