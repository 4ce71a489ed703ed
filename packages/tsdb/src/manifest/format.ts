/**
 * The manifest as bytes. Page: docs/format/manifest.md.
 *
 *   header  := "TDNM"  u32 format (2)  u32 bodyBytes  u32 crc (CRC-32 of the body)
 *   body    := f64 committedVersion  f64 nextSeq  u32 segments  u32 droppedTids  segment[]  u32 tid[]
 *              u32 tombstones  tombstone[]          (from format 2 on)
 *   segment := f64 partition  f64 seq  f64 sizeBytes  f64 rows  f64 tsFirst  f64 tsLast  f64 maxVersion
 *              u32 blocks  u32 tidFirst  u32 tidLast  u32 0
 *   tombstone := f64 tid  f64 from  f64 to  f64 beforeSeq
 *
 * Little-endian. Invariant: the file ends with the body.
 */
import { crc32 } from 'node:zlib';
import { ByteReader, ByteWriter, CorruptionError } from '@tdnode/common';
import type { Manifest, SegmentEntry, Tombstone } from './manifest.ts';

/** "TDNM" read as little-endian u32. */
const MAGIC = 0x4d4e4454;
/** 1: the first. 2: with tombstones; a manifest of format 1 has none. */
const FORMAT = 2;
const HEADER_BYTES = 16;
const SEGMENT_BYTES = 72;
const TOMBSTONE_BYTES = 32;

/** The bytes of the manifest file. */
export function encodeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  const body = new ByteWriter(
    24 + manifest.segments.length * SEGMENT_BYTES + manifest.droppedTids.length * 4,
  );
  body.f64(manifest.committedVersion);
  body.f64(manifest.nextSeq);
  body.u32(manifest.segments.length);
  body.u32(manifest.droppedTids.length);
  for (const { partition, seq, info } of manifest.segments) {
    body.f64(partition);
    body.f64(seq);
    body.f64(info.sizeBytes);
    body.f64(info.rows);
    body.f64(info.tsFirst);
    body.f64(info.tsLast);
    body.f64(info.maxVersion);
    body.u32(info.blocks);
    body.u32(info.tidFirst);
    body.u32(info.tidLast);
    body.u32(0);
  }
  for (const tid of manifest.droppedTids) body.u32(tid);
  body.u32(manifest.tombstones.length);
  for (const { tid, from, to, beforeSeq } of manifest.tombstones) {
    for (const number of [tid, from, to, beforeSeq]) body.f64(number);
  }
  const whole = new ByteWriter(HEADER_BYTES + body.length);
  whole.u32(MAGIC);
  whole.u32(FORMAT);
  whole.u32(body.length);
  whole.u32(crc32(body.view()));
  whole.bytes(body.view());
  return whole.copy();
}

/** Throws CorruptionError{file} when the bytes are not what was written. */
export function decodeManifest(bytes: Uint8Array, file: string): Manifest {
  const header = new ByteReader(bytes);
  const magic = header.u32();
  const format = header.u32();
  const bodyBytes = header.u32();
  const crc = header.u32();
  if (header.error !== undefined || magic !== MAGIC)
    throw new CorruptionError(file, 0, 'not a manifest');
  if (format !== 1 && format !== FORMAT)
    throw new CorruptionError(file, 4, `unknown manifest format ${format}`);
  if (bytes.length !== HEADER_BYTES + bodyBytes) {
    throw new CorruptionError(
      file,
      8,
      `manifest of ${bytes.length} bytes, ${HEADER_BYTES + bodyBytes} expected`,
    );
  }
  const body = bytes.subarray(HEADER_BYTES);
  if (crc32(body) !== crc)
    throw new CorruptionError(file, HEADER_BYTES, 'manifest checksum does not match');
  const reader = new ByteReader(body);
  const committedVersion = reader.f64();
  const nextSeq = reader.f64();
  const segmentCount = reader.u32();
  const droppedCount = reader.u32();
  const listed = 24 + segmentCount * SEGMENT_BYTES + droppedCount * 4;
  if (format === 1 ? body.length !== listed : body.length < listed + 4) throw badCounts(file);
  const segments: SegmentEntry[] = [];
  for (let i = 0; i < segmentCount; i++) segments.push(readSegment(reader));
  const droppedTids: number[] = [];
  for (let i = 0; i < droppedCount; i++) droppedTids.push(reader.u32());
  const tombstoneCount = format === 1 ? 0 : reader.u32();
  if (format > 1 && body.length !== listed + 4 + tombstoneCount * TOMBSTONE_BYTES)
    throw badCounts(file);
  const tombstones: Tombstone[] = [];
  for (let i = 0; i < tombstoneCount; i++) {
    const [tid, from, to] = [reader.f64(), reader.f64(), reader.f64()];
    tombstones.push({ tid, from, to, beforeSeq: reader.f64() });
  }
  return { committedVersion, nextSeq, segments, droppedTids, tombstones };
}

function badCounts(file: string): CorruptionError {
  return new CorruptionError(file, HEADER_BYTES + 16, 'manifest counts do not match its length');
}

function readSegment(reader: ByteReader): SegmentEntry {
  const partition = reader.f64();
  const seq = reader.f64();
  const sizeBytes = reader.f64();
  const rows = reader.f64();
  const tsFirst = reader.f64();
  const tsLast = reader.f64();
  const maxVersion = reader.f64();
  const blocks = reader.u32();
  const tidFirst = reader.u32();
  const tidLast = reader.u32();
  reader.u32();
  return {
    partition,
    seq,
    info: { sizeBytes, rows, tsFirst, tsLast, maxVersion, blocks, tidFirst, tidLast },
  };
}
