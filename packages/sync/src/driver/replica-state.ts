/**
 * What a replica must not forget besides its log: docs/format/replica.md. Term and vote, and *anchors*: terms
 * and configs of versions that the log may no longer hold, because they are in files.
 *
 * Invariants: anchors ascend by version; the first one is where the log's own knowledge begins; the file is
 * replaced by write, fsync, rename, fsync of the folder, so there is always a whole one.
 */
import { crc32 } from 'node:zlib';
import { ByteReader, ByteWriter, CorruptionError, type FileSystem } from '@tdnode/common';
import { decodeConfig, encodeConfig } from '../core/config-codec.ts';
import type { ConfigAt, HardState } from '../core/types.ts';

/** A version, the term it was written under, and the config in force there. */
export interface Anchor {
  readonly version: number;
  readonly term: number;
  readonly config: ConfigAt;
}

/** See the head of this file. */
export interface ReplicaState {
  readonly hardState: HardState;
  /** Never empty. */
  readonly anchors: readonly Anchor[];
}

/** Name of the file in the replica's folder. */
export const STATE_FILE = 'replica';

const MAGIC = 0x52_44_4e_54;
const FORMAT_VERSION = 1;
const HEADER_BYTES = 16;

/** The state in `folder`; undefined when there is none yet. Throws CorruptionError. */
export function loadState(fs: FileSystem, folder: string): ReplicaState | undefined {
  const path = `${folder}/${STATE_FILE}`;
  if (!fs.exists(path)) return undefined;
  const bytes = fs.readFile(path);
  const reader = new ByteReader(bytes);
  const magic = reader.u32();
  const format = reader.u32();
  const crc = reader.u32();
  reader.u32();
  if (reader.error !== undefined || magic !== MAGIC)
    throw new CorruptionError(path, 0, 'not the state of a replica');
  if (format !== FORMAT_VERSION)
    throw new CorruptionError(path, 4, `format ${format}, this program knows ${FORMAT_VERSION}`);
  if (crc !== crc32(bytes.subarray(HEADER_BYTES)))
    throw new CorruptionError(path, 8, 'checksum mismatch');
  const hardState = { term: reader.f64(), votedFor: reader.i32() };
  const anchors = Array.from({ length: reader.u8() }, () => readAnchor(reader));
  if (reader.error !== undefined || anchors.length === 0)
    throw new CorruptionError(path, reader.offset, reader.error ?? 'no anchor');
  return { hardState, anchors };
}

/** Replaces the state in `folder`; it is on the disk when this returns. */
export function saveState(fs: FileSystem, folder: string, state: ReplicaState): void {
  const path = `${folder}/${STATE_FILE}`;
  const handle = fs.open(`${path}.new`, 'create');
  try {
    handle.write(encodeState(state), 0);
    handle.sync();
  } finally {
    handle.close();
  }
  fs.rename(`${path}.new`, path);
  fs.syncFolder(folder);
}

/** The file's bytes. */
export function encodeState({ hardState, anchors }: ReplicaState): Uint8Array {
  const body = new ByteWriter(128);
  body.f64(hardState.term);
  body.i32(hardState.votedFor);
  body.u8(anchors.length);
  for (const anchor of anchors) writeAnchor(body, anchor);
  const file = new ByteWriter(HEADER_BYTES + body.length);
  file.u32(MAGIC);
  file.u32(FORMAT_VERSION);
  file.u32(crc32(body.view()));
  file.u32(0);
  file.bytes(body.view());
  return file.copy();
}

/** Version f64, term f64, then the config's version f64 and the config. */
export function writeAnchor(writer: ByteWriter, { version, term, config }: Anchor): void {
  writer.f64(version);
  writer.f64(term);
  writer.f64(config.version);
  encodeConfig(writer, config.config);
}

/** What `writeAnchor` wrote; look at `reader.error` afterwards. */
export function readAnchor(reader: ByteReader): Anchor {
  const version = reader.f64();
  const term = reader.f64();
  return { version, term, config: { version: reader.f64(), config: decodeConfig(reader) } };
}
