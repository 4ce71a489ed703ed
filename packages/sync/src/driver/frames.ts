/**
 * What travels between two replicas: a message, padding to a multiple of 8, and for an append its records, bytes
 * as they lie in the log. docs/protocol/sync.md. Kinds from `RESTORE_KINDS` on are package restore's.
 */
import { ByteReader, ByteWriter } from '@tdnode/common';
import type { CoreOptions } from '../core/types.ts';
import { decodeMessage, encodeMessage } from '../messages/codec.ts';
import type { Message } from '../messages/message.ts';
import type { SendLane } from '../transport/send-queue.ts';

/** Kinds of frames that carry files begin here. */
export const RESTORE_KINDS = 64;

/** Where a frame says its kind. */
const KIND_OFFSET = 4;

/** A frame of the core, taken apart. */
export interface ReplicaFrame {
  readonly message: Message;
  /** What follows an append; begins at a multiple of 8 of its buffer. */
  readonly records: Uint8Array<ArrayBuffer>;
}

/** Whether the frame is about files. */
export function isRestoreFrame(frame: Uint8Array): boolean {
  return (frame[KIND_OFFSET] ?? 0) >= RESTORE_KINDS;
}

/** The bytes of a message, before any records. */
export function messageHead(vgId: number, message: Message): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(128);
  encodeMessage(writer, vgId, message);
  writer.align(8);
  return writer.copy();
}

/** Nobody waits for signs of life, nor for acknowledgements where the master's own disk is enough. */
export function laneOf({ kind }: Message, quorum: CoreOptions['quorum']): SendLane {
  if (kind === 'heartbeat' || kind === 'heartbeatAck') return 'lazy';
  return kind === 'appendAck' && quorum === 1 ? 'lazy' : 'live';
}

/** Takes a frame apart; undefined when it is none of this vgroup. The records are a view when they lie well. */
export function readFrame(frame: Uint8Array<ArrayBuffer>, vgId: number): ReplicaFrame | undefined {
  const reader = new ByteReader(frame);
  const decoded = decodeMessage(reader);
  if (decoded === undefined || decoded.vgId !== vgId) return undefined;
  const at = (reader.offset + 7) & ~7;
  const rest = frame.subarray(Math.min(at, frame.length));
  const records = rest.byteOffset % 8 === 0 ? rest : new Uint8Array(rest);
  return { message: decoded.message, records };
}
