/**
 * What two dnodes say about writes, in frames of the transport that are for no vgroup. docs/protocol/transport.md.
 * Little-endian; a number of a request is the asking side's own and never comes twice on one connection.
 */
import { ByteReader, ByteWriter, type VgId } from '@tdnode/common';
import { decode, encode, errorOf, failureOf, failureShape, type WriteKind } from '@tdnode/rpc';

/** In place of a vgroup's number: the frame is for the dnode itself. */
export const NO_VGROUP = 0;

const FrameKind = { write: 1, written: 2, failed: 3 } as const;
const KINDS: readonly WriteKind[] = ['submit', 'change'];

/** Bytes of a write's frame before its payload, a multiple of 8. */
const WRITE_HEAD_BYTES = 16;

/** A frame, taken apart. */
export type WriteFrame =
  | {
      readonly kind: 'write';
      readonly request: number;
      readonly vgId: VgId;
      readonly type: WriteKind;
      /** A view into the frame. */
      readonly payload: Uint8Array;
    }
  | { readonly kind: 'written'; readonly request: number; readonly version: number }
  | { readonly kind: 'failed'; readonly request: number; readonly error: Error };

/** What stands before the payload of a write. */
export function writeHead(request: number, vgId: VgId, type: WriteKind): Uint8Array {
  const writer = new ByteWriter(WRITE_HEAD_BYTES);
  writer.u8(FrameKind.write);
  writer.u8(KINDS.indexOf(type));
  writer.u16(0);
  writer.u32(vgId);
  writer.f64(request);
  return writer.view();
}

/** The answer to a write that got a version. */
export function writtenFrame(request: number, version: number): Uint8Array {
  const writer = new ByteWriter(24);
  writer.u8(FrameKind.written);
  writer.align(8);
  writer.f64(request);
  writer.f64(version);
  return writer.view();
}

/** The answer to a write that failed. */
export function failedFrame(request: number, error: unknown): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(FrameKind.failed);
  writer.align(8);
  writer.f64(request);
  writer.bytes(encode(failureShape, failureOf(error)));
  return writer.view();
}

/** Takes a frame apart; undefined: it is none. Throws TaosError where a failure cannot be read. */
export function readWriteFrame(frame: Uint8Array): WriteFrame | undefined {
  const reader = new ByteReader(frame);
  const kind = reader.u8();
  const type = KINDS[reader.u8()];
  reader.u16();
  const vgId = reader.u32() as VgId;
  const request = reader.f64();
  if (reader.error !== undefined) return undefined;
  switch (kind) {
    case FrameKind.write:
      if (type === undefined) return undefined;
      return { kind: 'write', request, vgId, type, payload: frame.subarray(WRITE_HEAD_BYTES) };
    case FrameKind.written: {
      const version = reader.f64();
      return reader.error === undefined ? { kind: 'written', request, version } : undefined;
    }
    case FrameKind.failed: {
      const failure = decode(failureShape, reader.bytes(reader.remaining));
      return { kind: 'failed', request, error: errorOf(failure) };
    }
    default:
      return undefined;
  }
}
