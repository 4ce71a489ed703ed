/**
 * The same rows as CSV (RFC 4180), for programs that read nothing else: a head, `tbname` first, NULL as an empty field, an
 * empty string as `""`, times as whole numbers of the database's precision. Bytes that are no UTF-8 become U+FFFD.
 */
import * as fs from 'node:fs';
import type { Cell } from './cell.ts';
import { TABLE_COLUMN } from './parquet-schema.ts';
import type { FileOptions } from './parquet-writer.ts';

const FLUSH_CHARS = 1 << 20;

const decoder = new TextDecoder();

/** Has the face of DataFile. */
export class CsvFile {
  readonly #path: string;
  readonly #fd: number;
  #text: string;

  constructor({ path, columns }: FileOptions) {
    this.#path = path;
    this.#fd = fs.openSync(`${path}.part`, 'w');
    this.#text = `${[TABLE_COLUMN, ...columns.map(({ name }) => field(name))].join(',')}\r\n`;
  }

  add(table: string, columns: readonly (readonly Cell[])[], rows: number): void {
    for (let i = 0; i < rows; i++) {
      let line = field(table);
      for (const cells of columns) line += `,${csvCell(cells[i]!)}`;
      this.#text += `${line}\r\n`;
    }
    if (this.#text.length > FLUSH_CHARS) this.#flush();
  }

  finish(): number {
    this.#flush();
    const { size } = fs.fstatSync(this.#fd);
    fs.fsyncSync(this.#fd);
    fs.closeSync(this.#fd);
    fs.renameSync(`${this.#path}.part`, this.#path);
    return size;
  }

  abandon(): void {
    fs.closeSync(this.#fd);
    fs.rmSync(`${this.#path}.part`, { force: true });
  }

  #flush(): void {
    fs.writeFileSync(this.#fd, this.#text);
    this.#text = '';
  }
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (cell instanceof Uint8Array) return cell.length === 0 ? '""' : field(decoder.decode(cell));
  return String(cell);
}

/** Quoted where a reader would stumble. */
function field(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
