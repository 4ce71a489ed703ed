/** Reads a data file back, a row group at a time: names of tables and columns of cells as they were written. */
import * as fs from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parquetMetadataAsync, parquetRead, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { DumpError } from '../dump-error.ts';
import type { Cell, ColumnDef } from './cell.ts';
import { TABLE_COLUMN } from './parquet-schema.ts';

/** Rows of a row group. */
export interface RowGroup {
  readonly names: readonly string[];
  /** A column each, in the order that was asked for. */
  readonly columns: readonly (readonly Cell[])[];
}

/** The file's bytes stay bytes, its times whole numbers. */
const asIs = {
  timestampFromMilliseconds: (value: bigint) => value,
  timestampFromMicroseconds: (value: bigint) => value,
  timestampFromNanoseconds: (value: bigint) => value,
  stringFromBytes: (value: Uint8Array) => value,
};

const decoder = new TextDecoder();

/** Yields the row groups of `path`; throws DumpError where the file is not what it should be. */
export async function* readDataFile(
  path: string,
  columns: readonly ColumnDef[],
): AsyncGenerator<RowGroup> {
  const fd = openFile(path);
  try {
    const file = asyncBuffer(fd);
    const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
      throw new DumpError(`${path} is no Parquet file: ${String(error)}`);
    });
    let from = 0;
    for (const group of metadata.row_groups) {
      const to = from + Number(group.num_rows);
      yield await readGroup({ path, file, metadata }, columns, [from, to]);
      from = to;
    }
  } finally {
    fs.closeSync(fd);
  }
}

interface OpenFile {
  readonly path: string;
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
}

async function readGroup(
  { path, file, metadata }: OpenFile,
  columns: readonly ColumnDef[],
  [rowStart, rowEnd]: readonly [number, number],
): Promise<RowGroup> {
  const found = new Map<string, Cell[]>();
  try {
    await parquetRead({
      file,
      metadata,
      rowStart,
      rowEnd,
      utf8: false,
      parsers: asIs,
      compressors: { GZIP: (input) => gunzipSync(input) },
      onChunk: ({ columnName, columnData, rowStart: at, rowEnd: end }) => {
        const cells = found.get(columnName) ?? [];
        found.set(columnName, cells);
        for (let i = Math.max(at, rowStart); i < Math.min(end, rowEnd); i++) {
          cells.push((columnData[i - at] ?? null) as Cell);
        }
      },
    });
  } catch (error) {
    throw new DumpError(`${path} cannot be read: ${String(error)}`);
  }
  const column = (name: string): Cell[] => {
    const cells = found.get(name);
    if (cells?.length === rowEnd - rowStart) return cells;
    throw new DumpError(`${path} lacks rows of column ${name}`);
  };
  return {
    names: column(TABLE_COLUMN).map((name) => decoder.decode(name as Uint8Array)),
    columns: columns.map(({ name }) => column(name)),
  };
}

function openFile(path: string): number {
  try {
    return fs.openSync(path, 'r');
  } catch (error) {
    throw new DumpError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

function asyncBuffer(fd: number): AsyncBuffer {
  const byteLength = fs.fstatSync(fd).size;
  return {
    byteLength,
    slice(start, end = byteLength) {
      const bytes = new Uint8Array(end - start);
      for (let done = 0; done < bytes.length;) {
        const count = fs.readSync(fd, bytes, done, bytes.length - done, start + done);
        if (count === 0) throw new Error('the file ends too early');
        done += count;
      }
      return bytes.buffer;
    },
  };
}
