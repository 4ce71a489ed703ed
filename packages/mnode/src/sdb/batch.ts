/** One record of the log is a batch of metadata records: there whole or not at all. Page: docs/format/mnode.md. */
import { ByteReader, ByteWriter, CorruptionError } from '@tdnode/common';
import { RECORD_HEADER_BYTES, recordBytes } from '@tdnode/wal';
import { decodeRecord, writeRecord, type SdbRecord } from './records.ts';

/** Type of the log's records that are batches; the group's own have others. */
export const BATCH = 1;

/** A batch as `Log.add` takes it: the payload begins after the room for a header. */
export interface EncodedBatch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the payload. */
  readonly length: number;
}

/** Encodes batches; its buffers are used again, the batches' own are not. */
export class BatchEncoder {
  readonly #writer = new ByteWriter(4096);
  readonly #scratch = new ByteWriter(4096);

  encode(records: readonly SdbRecord[]): EncodedBatch {
    const writer = this.#writer;
    writer.reset();
    writer.varint(records.length);
    for (const record of records) {
      this.#scratch.reset();
      writeRecord(this.#scratch, record);
      writer.varint(this.#scratch.length);
      writer.bytes(this.#scratch.view());
    }
    const { length } = writer;
    const bytes = new Uint8Array(recordBytes(length));
    bytes.set(writer.view(), RECORD_HEADER_BYTES);
    return { bytes, length };
  }
}

/** The records of one payload; their run payloads stay views into it. Throws CorruptionError. */
export function decodeBatch(payload: Uint8Array): SdbRecord[] {
  const reader = new ByteReader(payload);
  const records: SdbRecord[] = [];
  const count = reader.varint();
  for (let i = 0; i < count && reader.error === undefined; i++) {
    const bytes = reader.bytes(reader.varint());
    if (reader.error === undefined) records.push(decodeRecord(bytes));
  }
  if (reader.error !== undefined)
    throw new CorruptionError('', reader.offset, `metadata batch: ${reader.error}`);
  return records;
}
