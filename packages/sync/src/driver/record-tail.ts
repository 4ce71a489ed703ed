/**
 * The newest records in memory, as the bytes that were written: what followers are sent and what is applied
 * next need not be read back from the disk. Bounded; the buffers are those that the memory table keeps anyway.
 *
 * Invariant: the chunks follow each other without gaps and end with the log's last version.
 */
import { RECORD_HEADER_BYTES, RecordField, recordBytes, type LogRecord } from '@tdnode/wal';

/** More bytes than that are not kept, but always the newest batch. */
const TAIL_BYTES = 2 * 1024 * 1024;

interface Chunk {
  readonly from: number;
  to: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** See the head of this file. */
export class RecordTail {
  #chunks: Chunk[] = [];
  #bytes = 0;

  /** Takes whole records, the first of which has version `from`. */
  add(from: number, parts: readonly Uint8Array[]): void {
    let version = from;
    for (const part of parts) {
      const bytes = part as Uint8Array<ArrayBuffer>;
      const count = countRecords(bytes);
      this.#chunks.push({ from: version, to: version + count - 1, bytes });
      version += count;
      this.#bytes += bytes.length;
    }
    let drop = 0;
    while (this.#bytes > TAIL_BYTES && this.#chunks[drop]!.to < from)
      this.#bytes -= this.#chunks[drop++]!.bytes.length;
    if (drop > 0) this.#chunks.splice(0, drop);
  }

  /** Forgets everything. */
  clear(): void {
    this.#chunks = [];
    this.#bytes = 0;
  }

  /** The records [from, to] as whole records; undefined when they are not all here. */
  slice(from: number, to: number): Uint8Array<ArrayBuffer>[] | undefined {
    const first = this.#chunks[0];
    const last = this.#chunks.at(-1);
    if (first === undefined || from < first.from || to > last!.to) return undefined;
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (const chunk of this.#chunks) {
      if (chunk.to < from || chunk.from > to) continue;
      const begin = offsetOf(chunk.bytes, Math.max(0, from - chunk.from));
      const end = to >= chunk.to ? chunk.bytes.length : offsetOf(chunk.bytes, to - chunk.from + 1);
      parts.push(chunk.bytes.subarray(begin, end));
    }
    return parts;
  }
}

/** The records in parts of whole ones, which were checked when they came in. */
export function* recordsOf(parts: readonly Uint8Array<ArrayBuffer>[]): Generator<LogRecord, void> {
  for (const bytes of parts) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length;) {
      const length = view.getUint32(at, true);
      const type = view.getUint8(at + RecordField.type);
      const term = view.getUint32(at + RecordField.term, true);
      const version = view.getFloat64(at + RecordField.version, true);
      const start = at + RECORD_HEADER_BYTES;
      yield { version, term, type, payload: bytes.subarray(start, start + length) };
      at += recordBytes(length);
    }
  }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  );
}

function offsetOf(bytes: Uint8Array, records: number): number {
  let at = 0;
  for (let i = 0; i < records; i++) at += recordBytes(lengthAt(bytes, at));
  return at;
}

function countRecords(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < bytes.length; count++) at += recordBytes(lengthAt(bytes, at));
  return count;
}
