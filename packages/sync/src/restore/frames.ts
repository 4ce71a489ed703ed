/**
 * Frames that carry files: docs/protocol/sync.md, "Files". They begin like every frame between replicas: vgId u32,
 * kind u8, reserved u8[3], from u32, to u32, term f64; then the fields of the kind.
 */
import { ByteReader, ByteWriter } from '@tdnode/common';
import type { ReplicaId } from '../core/types.ts';
import { readAnchor, writeAnchor, type Anchor } from '../driver/replica-state.ts';
import type { SnapshotFile } from '../driver/state-machine.ts';

/** Kinds, in the order of a transfer. */
const Kind = { offer: 64, request: 65, chunk: 66, done: 67 } as const;

/** A frame about a transfer, which `offerId` names together with its sender. */
export type RestoreFrame = {
  readonly from: ReplicaId;
  readonly to: ReplicaId;
  readonly term: number;
  readonly offerId: number;
} & (
  | { readonly kind: 'offer'; readonly anchor: Anchor; readonly files: readonly SnapshotFile[] }
  | {
      readonly kind: 'request';
      readonly file: number;
      readonly offset: number;
      readonly length: number;
    }
  | {
      readonly kind: 'chunk';
      readonly file: number;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  /** Everything up to `version` is there, durably. */
  | { readonly kind: 'done'; readonly version: number }
);

/** The frame as bytes. */
export function encodeRestoreFrame(vgId: number, frame: RestoreFrame): Uint8Array {
  const writer = new ByteWriter(frame.kind === 'chunk' ? frame.bytes.length + 64 : 256);
  writer.u32(vgId);
  writer.u32(Kind[frame.kind]);
  writer.u32(frame.from);
  writer.u32(frame.to);
  writer.f64(frame.term);
  writer.f64(frame.offerId);
  switch (frame.kind) {
    case 'offer':
      writeAnchor(writer, frame.anchor);
      writer.u32(frame.files.length);
      for (const { name, size, crc } of frame.files) {
        writer.string(name);
        writer.f64(size);
        writer.u32(crc);
      }
      break;
    case 'request':
      writer.u32(frame.file);
      writer.f64(frame.offset);
      writer.u32(frame.length);
      break;
    case 'chunk':
      writer.u32(frame.file);
      writer.f64(frame.offset);
      writer.bytes(frame.bytes);
      break;
    case 'done':
      writer.f64(frame.version);
      break;
  }
  return writer.view();
}

/** The frame in `bytes`; undefined when it is none of this vgroup. */
export function decodeRestoreFrame(bytes: Uint8Array, vgId: number): RestoreFrame | undefined {
  const reader = new ByteReader(bytes);
  const isOurs = reader.u32() === vgId;
  const kind = reader.u32();
  const head = { from: reader.u32(), to: reader.u32(), term: reader.f64(), offerId: reader.f64() };
  const frame = readBody(reader, kind, head);
  return isOurs && reader.error === undefined ? frame : undefined;
}

function readBody(
  reader: ByteReader,
  kind: number,
  head: Pick<RestoreFrame, 'from' | 'to' | 'term' | 'offerId'>,
): RestoreFrame | undefined {
  switch (kind) {
    case Kind.offer:
      return { ...head, kind: 'offer', anchor: readAnchor(reader), files: readFiles(reader) };
    case Kind.request:
      return {
        ...head,
        kind: 'request',
        file: reader.u32(),
        offset: reader.f64(),
        length: reader.u32(),
      };
    case Kind.chunk:
      return {
        ...head,
        kind: 'chunk',
        file: reader.u32(),
        offset: reader.f64(),
        bytes: reader.bytes(reader.remaining),
      };
    case Kind.done:
      return { ...head, kind: 'done', version: reader.f64() };
    default:
      return undefined;
  }
}

function readFiles(reader: ByteReader): SnapshotFile[] {
  const count = reader.u32();
  const files: SnapshotFile[] = [];
  for (let i = 0; i < count && reader.error === undefined; i++)
    files.push({ name: reader.string(), size: reader.f64(), crc: reader.u32() });
  return files;
}
