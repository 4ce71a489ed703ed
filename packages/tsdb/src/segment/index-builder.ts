/**
 * Gathers the index of a segment being written: a handful of numbers a block, and the column records.
 */
import { AlignedBytes } from '../codec/aligned-bytes.ts';
import { LayoutTable } from './layouts.ts';
import { indexParts } from './segment-format.ts';

/** What the index keeps of a block besides its records. */
export interface BlockEntry {
  readonly tid: number;
  readonly tsFirst: number;
  readonly tsLast: number;
  readonly rows: number;
  readonly layout: number;
  readonly flags: number;
  /** Bytes from the start of the file, and in all. */
  readonly offset: number;
  readonly size: number;
  readonly crc: number;
  /** Where its first column record begins. */
  readonly record: number;
}

/** Collects the index while blocks are written. */
export class IndexBuilder {
  readonly layouts = new LayoutTable();
  readonly records = new AlignedBytes(4096);
  readonly #entries: { readonly [K in keyof BlockEntry]: number[] } = {
    tid: [],
    tsFirst: [],
    tsLast: [],
    rows: [],
    layout: [],
    flags: [],
    offset: [],
    size: [],
    crc: [],
    record: [],
  };

  get blocks(): number {
    return this.#entries.tid.length;
  }

  add(entry: BlockEntry): void {
    const e = this.#entries;
    e.tid.push(entry.tid);
    e.tsFirst.push(entry.tsFirst);
    e.tsLast.push(entry.tsLast);
    e.rows.push(entry.rows);
    e.layout.push(entry.layout);
    e.flags.push(entry.flags);
    e.offset.push(entry.offset / 8);
    e.size.push(entry.size);
    e.crc.push(entry.crc);
    e.record.push(entry.record / 8);
  }

  /** The index as it stands in the file. */
  build(): AlignedBytes {
    const e = this.#entries;
    const parts = indexParts(this.blocks, this.records.size);
    const out = new AlignedBytes(parts.layouts);
    const memory = out.bytes.buffer;
    out.doubles.set(e.tsFirst, parts.tsFirst >> 3);
    out.doubles.set(e.tsLast, parts.tsLast >> 3);
    out.words.set(e.crc, parts.crc >> 2);
    out.words.set(e.tid, parts.tid >> 2);
    out.words.set(e.offset, parts.offset >> 2);
    out.words.set(e.size, parts.size >> 2);
    out.words.set(e.record, parts.record >> 2);
    new Uint16Array(memory, parts.rows).set(e.rows);
    new Uint16Array(memory, parts.layout).set(e.layout);
    out.bytes.set(e.flags, parts.flags);
    out.bytes.set(this.records.bytes.subarray(0, this.records.size), parts.records);
    out.size = parts.layouts;
    this.layouts.append(out);
    return out;
  }
}
