/**
 * A data file in the making: rows of tables one after the other, in row groups of about 64k rows or 32 MiB of strings. Written beside its name
 * (`.part`), synced and renamed when it is whole, so that a file with its name is whole.
 */
import * as fs from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Precision } from '@tdnode/common';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Cell, ColumnDef } from './cell.ts';
import { TABLE_COLUMN, parquetSchema } from './parquet-schema.ts';

/** Rows that are put together to a row group. */
export const ROWS_PER_GROUP = 65_536;
/** Strings that are put together, in bytes: a row group is held in memory, here and by its readers. */
const STRING_BYTES_PER_GROUP = 32 << 20;
/** Levels above pay little and cost much. */
const GZIP_LEVEL = 3;

/** What a file is of. */
export interface FileOptions {
  readonly path: string;
  readonly columns: readonly ColumnDef[];
  readonly precision: Precision;
  /** Of the column that is never NULL: the time; -1: none. */
  readonly requiredAt: number;
  /** Texts in the file's footer. */
  readonly notes: Readonly<Record<string, string>>;
}

/** See the head of this file. */
export class DataFile {
  readonly #options: FileOptions;
  readonly #fd: number;
  readonly #bytes: ByteWriter & { index: number };
  readonly #writer: ParquetWriter;
  #names: string[] = [];
  #cells: Cell[][];
  #stringBytes = 0;

  constructor(options: FileOptions) {
    const { path, columns, precision, requiredAt, notes } = options;
    this.#options = options;
    this.#fd = fs.openSync(partOf(path), 'w');
    this.#bytes = new ByteWriter() as ByteWriter & { index: number };
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: parquetSchema(columns, precision, requiredAt),
      codec: 'GZIP',
      compressors: { GZIP: (input) => gzipSync(input, { level: GZIP_LEVEL }) },
      createdBy: 'taosdump of TDnode',
      kvMetadata: Object.entries(notes).map(([key, value]) => ({ key, value })),
    });
    this.#cells = columns.map(() => []);
  }

  /** Adds rows of `table`; the arrays may be used again. */
  add(table: string, columns: readonly (readonly Cell[])[], rows: number): void {
    for (let i = 0; i < rows; i++) this.#names.push(table);
    this.#cells.forEach((into, c) => {
      const from = columns[c]!;
      for (let i = 0; i < rows; i++) {
        const cell = from[i]!;
        if (cell instanceof Uint8Array) this.#stringBytes += cell.length;
        into.push(cell);
      }
    });
    const isFull =
      this.#names.length >= ROWS_PER_GROUP || this.#stringBytes >= STRING_BYTES_PER_GROUP;
    if (isFull) this.#writeGroup();
  }

  /** Writes what is left and gives the file its name; returns its size. */
  finish(): number {
    if (this.#names.length > 0) this.#writeGroup();
    void this.#writer.finish();
    this.#flush();
    const size = fs.fstatSync(this.#fd).size;
    fs.fsyncSync(this.#fd);
    fs.closeSync(this.#fd);
    fs.renameSync(partOf(this.#options.path), this.#options.path);
    return size;
  }

  /** Removes what was written. */
  abandon(): void {
    fs.closeSync(this.#fd);
    fs.rmSync(partOf(this.#options.path), { force: true });
  }

  #writeGroup(): void {
    const { columns, requiredAt } = this.#options;
    void this.#writer.write({
      columnData: [
        { name: TABLE_COLUMN, data: this.#names },
        ...columns.map(({ name }, c) => ({
          name,
          data: this.#cells[c]!,
          ...(c === requiredAt ? { encoding: 'DELTA_BINARY_PACKED' as const } : {}),
        })),
      ],
      rowGroupSize: this.#names.length,
    });
    this.#flush();
    this.#names = [];
    this.#cells = columns.map(() => []);
    this.#stringBytes = 0;
  }

  #flush(): void {
    const bytes = this.#bytes.getBytes();
    for (let done = 0; done < bytes.length;) {
      done += fs.writeSync(this.#fd, bytes, done, bytes.length - done);
    }
    this.#bytes.index = 0;
  }
}

function partOf(path: string): string {
  return `${path}.part`;
}
