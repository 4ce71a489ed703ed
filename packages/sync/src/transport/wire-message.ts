/**
 * Messages between transports. Each is one binary WebSocket message, little-endian, and begins with its kind and
 * seven bytes of its own; what follows starts at a multiple of 8. Page: docs/protocol/transport.md.
 *
 * The frames of vgroups inside are opaque here. `parseLive` gives them as views at multiples of 8 into the message.
 */
import { ByteReader, ByteWriter } from '@tdnode/common';
import { MAX_FRAME_BYTES } from './limits.ts';

export const WireKind = {
  challenge: 1,
  proof: 2,
  welcome: 3,
  ready: 4,
  heartbeat: 5,
  live: 6,
  bulk: 7,
  bulkAck: 8,
} as const;

const HEADER_BYTES = 8;
const FIRST_CHUNK = 1;

/** A peer sent what no transport sends. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** A message that is only its kind and a number: heartbeat (bytes read so far), bulkAck (bulk bytes taken so far). */
export function encodeNumber(kind: number, value: number): Uint8Array {
  const writer = new ByteWriter(16);
  writeHeader(writer, kind);
  writer.f64(value);
  return writer.view();
}

/** The number in such a message. */
export function parseNumber(message: Uint8Array): number {
  const reader = new ByteReader(message);
  reader.skip(HEADER_BYTES);
  return checked(reader, reader.f64());
}

/** A message of words: the handshake. */
export function encodeWords(kind: number, words: readonly string[]): Uint8Array {
  const writer = new ByteWriter(256);
  writeHeader(writer, kind);
  for (const word of words) writer.string(word);
  return writer.view();
}

/** Exactly so many words. */
export function parseWords(message: Uint8Array, count: number): string[] {
  const reader = new ByteReader(message);
  reader.skip(HEADER_BYTES);
  const words = Array.from({ length: count }, () => reader.string());
  if (reader.remaining > 0) throw new WireError('bytes behind a handshake');
  return checked(reader, words);
}

/** Begins a message of live frames in the writer's memory. */
export function beginLive(writer: ByteWriter): ByteWriter {
  writer.reset();
  writeHeader(writer, WireKind.live);
  return writer;
}

/** Adds a frame; its parts are copied. */
export function addLive(writer: ByteWriter, vgId: number, parts: readonly Uint8Array[]): void {
  const length = sizeOf(parts);
  writer.reserve(2 * HEADER_BYTES + length);
  writer.u32(vgId);
  writer.u32(length);
  for (const part of parts) writer.bytes(part);
  writer.align(8);
}

/** Calls `visit` with each frame of a live message; `message` starts at a multiple of 8 of its buffer. */
export function parseLive(
  message: Uint8Array,
  visit: (vgId: number, bytes: Uint8Array) => void,
): void {
  const reader = new ByteReader(message);
  reader.skip(HEADER_BYTES);
  while (reader.remaining > 0 && reader.error === undefined) {
    const vgId = reader.u32();
    const length = reader.u32();
    if (length > MAX_FRAME_BYTES) throw new WireError(`a frame of ${length} bytes`);
    const bytes = reader.bytes(length);
    reader.align(8);
    checked(reader, undefined);
    visit(vgId, bytes);
  }
  checked(reader, undefined);
}

/** A piece of a bulk frame; the first says how long the whole is. */
export interface BulkChunk {
  readonly vgId: number;
  /** Of the whole frame, in the first chunk only. */
  readonly total: number | undefined;
  readonly bytes: Uint8Array;
}

/** The message of a piece. */
export function encodeBulk({ vgId, total, bytes }: BulkChunk): Uint8Array {
  const writer = new ByteWriter(2 * HEADER_BYTES + bytes.length);
  writer.u8(WireKind.bulk);
  writer.u8(total === undefined ? 0 : FIRST_CHUNK);
  writer.u16(0);
  writer.u32(vgId);
  if (total !== undefined) writer.f64(total);
  writer.bytes(bytes);
  return writer.view();
}

/** The piece in a message, as a view. */
export function parseBulk(message: Uint8Array): BulkChunk {
  const reader = new ByteReader(message);
  reader.u8();
  const isFirst = (reader.u8() & FIRST_CHUNK) !== 0;
  reader.u16();
  const vgId = reader.u32();
  const total = isFirst ? reader.f64() : undefined;
  return checked(reader, { vgId, total, bytes: reader.bytes(reader.remaining) });
}

/** Bytes of all parts. */
export function sizeOf(parts: readonly Uint8Array[]): number {
  let size = 0;
  for (const part of parts) size += part.length;
  return size;
}

function writeHeader(writer: ByteWriter, kind: number): void {
  writer.u8(kind);
  writer.align(HEADER_BYTES);
}

function checked<T>(reader: ByteReader, value: T): T {
  if (reader.error !== undefined) throw new WireError(reader.error);
  return value;
}
