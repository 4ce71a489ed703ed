/**
 * The checksum of a table's rows: CRC-32 of each column's cells in the order of their times, and CRC-32 of those. It
 * does not depend on how rows came in batches, nor on row groups, nor on where the table lives. Layout of a cell:
 * docs/format/dump.md.
 */
import { crc32 } from 'node:zlib';
import type { Cell } from './cell.ts';

const CHUNK_BYTES = 16_384;
/** A cell that is no string takes at most so much. */
const CELL_BYTES = 9;

/** Tags before a cell. */
const Tag = { null: 0, number: 1, integer: 2, boolean: 3, bytes: 4 } as const;

class ColumnDigest {
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  readonly #view = new DataView(this.#chunk.buffer);
  #length = 0;
  #crc = 0;

  add(cells: readonly Cell[], from: number, to: number): void {
    for (let i = from; i < to; i++) {
      if (this.#length + CELL_BYTES > CHUNK_BYTES) this.#flush();
      this.#addCell(cells[i]!);
    }
  }

  value(): number {
    this.#flush();
    return this.#crc;
  }

  #addCell(cell: Cell): void {
    const at = this.#length;
    if (cell === null) {
      this.#chunk[at] = Tag.null;
      this.#length = at + 1;
    } else if (typeof cell === 'number') {
      this.#chunk[at] = Tag.number;
      this.#view.setFloat64(at + 1, cell, true);
      this.#length = at + 9;
    } else if (typeof cell === 'bigint') {
      this.#chunk[at] = Tag.integer;
      this.#view.setBigInt64(at + 1, cell, true);
      this.#length = at + 9;
    } else if (typeof cell === 'boolean') {
      this.#chunk[at] = Tag.boolean;
      this.#chunk[at + 1] = cell ? 1 : 0;
      this.#length = at + 2;
    } else {
      this.#chunk[at] = Tag.bytes;
      this.#view.setUint32(at + 1, cell.length, true);
      this.#length = at + 5;
      this.#flush();
      this.#crc = crc32(cell, this.#crc);
    }
  }

  #flush(): void {
    if (this.#length === 0) return;
    this.#crc = crc32(this.#chunk.subarray(0, this.#length), this.#crc);
    this.#length = 0;
  }
}

/** See the head of this file. */
export class TableDigest {
  readonly #columns: readonly ColumnDigest[];
  #rows = 0;

  constructor(columns: number) {
    this.#columns = Array.from({ length: columns }, () => new ColumnDigest());
  }

  /** Rows so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Adds rows `[from, to)` of columns of cells. */
  add(columns: readonly (readonly Cell[])[], from: number, to: number): void {
    for (let c = 0; c < this.#columns.length; c++) this.#columns[c]!.add(columns[c]!, from, to);
    this.#rows += to - from;
  }

  /** Eight hex digits. */
  hex(): string {
    const parts = new Uint32Array(this.#columns.map((column) => column.value()));
    return crc32(new Uint8Array(parts.buffer)).toString(16).padStart(8, '0');
  }
}
