/**
 * Statements as bytes: rows of cells become `insert into db.t values (…)(…)`, exact for every type. Strings go as they are,
 * whatever bytes they have, with quotes and backslashes escaped.
 */
import type { Cell } from '../format/cell.ts';

const QUOTE = 39;
const BACKSLASH = 92;

/** A growing text of bytes. */
export class SqlText {
  #bytes = Buffer.alloc(1 << 16);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Holds until the next change. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets what is behind the first `length` bytes. */
  cut(length: number): void {
    this.#length = length;
  }

  /** Appends plain ASCII. */
  ascii(text: string): void {
    this.#reserve(text.length);
    this.#bytes.write(text, this.#length, 'latin1');
    this.#length += text.length;
  }

  /** Appends a value as SQL spells it. */
  cell(cell: Cell): void {
    if (cell instanceof Uint8Array) this.#quoted(cell);
    else if (cell === null) this.ascii('NULL');
    else this.ascii(Object.is(cell, -0) ? '-0' : String(cell));
  }

  #quoted(bytes: Uint8Array): void {
    this.#reserve(2 * bytes.length + 2);
    const into = this.#bytes;
    let at = this.#length;
    into[at++] = QUOTE;
    for (const byte of bytes) {
      if (byte === QUOTE || byte === BACKSLASH) into[at++] = BACKSLASH;
      into[at++] = byte;
    }
    into[at++] = QUOTE;
    this.#length = at;
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return;
    const grown = Buffer.alloc(Math.max(this.#length + extra, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** Limits of one statement. */
export interface StatementLimits {
  readonly maxBytes: number;
  readonly maxRows: number;
}

/** Rows gathered into a statement; the caller sends what is full. */
export class InsertBuilder {
  readonly #limits: StatementLimits;
  readonly #text = new SqlText();
  #table = '';
  #rows = 0;

  constructor(limits: StatementLimits) {
    this.#limits = limits;
  }

  /** Rows in the statement. */
  get rows(): number {
    return this.#rows;
  }

  /** The statement so far; holds until the next change. */
  get sql(): Uint8Array {
    return this.#text.bytes;
  }

  /**
   * Adds row `i` of columns of cells to `table` (`db.t`); false: it has no room, the statement is to be sent first. A row
   * alone always has room.
   */
  add(table: string, columns: readonly (readonly Cell[])[], i: number): boolean {
    if (this.#rows === this.#limits.maxRows) return false;
    const text = this.#text;
    const before = text.length;
    if (this.#rows === 0) text.ascii('insert into');
    if (this.#table !== table) text.ascii(` ${table} values `);
    for (let c = 0; c < columns.length; c++) {
      text.ascii(c === 0 ? '(' : ',');
      text.cell(columns[c]![i]!);
    }
    text.ascii(')');
    if (text.length > this.#limits.maxBytes && this.#rows > 0) {
      text.cut(before);
      return false;
    }
    this.#table = table;
    this.#rows++;
    return true;
  }

  /** An empty statement. */
  reset(): void {
    this.#text.cut(0);
    this.#rows = 0;
    this.#table = '';
  }
}
