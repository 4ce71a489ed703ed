/**
 * `insert into db.d0 values (…)(…) db.d1 values (…)` in a buffer that is used again for each request.
 *
 * Invariant: `length` never passes the limit; a row or table head that has no room is not begun.
 */
import type { CellPool } from './cell-pool.ts';
import { writeDecimal, writePadded } from './decimal.ts';
import type { RowSource } from './row-source.ts';

const OPEN = 40;
const CLOSE = 41;
const COMMA = 44;
/** Digits of a time in ns, and the brackets. */
const ROW_FRAME_BYTES = 22;

const INSERT = Buffer.from('insert into ');

/** See the head of this file. */
export class InsertStatement {
  readonly #bytes: Uint8Array;
  readonly #source: RowSource;
  readonly #rowBytesMost: number;
  readonly #positions: Int32Array;
  #length = 0;
  #rows = 0;

  constructor(source: RowSource, maxBytes: number) {
    this.#bytes = new Uint8Array(maxBytes);
    this.#source = source;
    this.#positions = new Int32Array(source.pools.length);
    this.#rowBytesMost = source.pools.reduce(
      (sum, pool) => sum + 1 + pool.longest,
      ROW_FRAME_BYTES,
    );
    this.reset();
  }

  /** Rows in the statement. */
  get rows(): number {
    return this.#rows;
  }

  /** The statement's text so far; holds until the next change. */
  get text(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** An empty statement. */
  reset(): void {
    this.#bytes.set(INSERT);
    this.#length = INSERT.length;
    this.#rows = 0;
  }

  /**
   * Adds up to `count` rows of a table from its row `first` on, behind `head` (`db.d0 values `); returns how many had
   * room.
   */
  add(head: Uint8Array, table: number, first: number, count: number): number {
    if (this.#length + head.length + this.#rowBytesMost > this.#bytes.length) return 0;
    this.#bytes.set(head, this.#length);
    const added = this.#addRows(this.#length + head.length, table, first, count);
    this.#rows += added;
    return added;
  }

  #addRows(from: number, table: number, first: number, count: number): number {
    const bytes = this.#bytes;
    const { pools, disorderRatio } = this.#source;
    this.#seek(table, first);
    const last = bytes.length - this.#rowBytesMost;
    let at = from;
    let row = 0;
    for (; row < count && at <= last; row++) {
      bytes[at++] = OPEN;
      const lag = disorderRatio === 0 ? 0 : this.#source.lag(table, first + row);
      at = this.#writeTime(at, (first + row) * this.#source.step - lag);
      for (let p = 0; p < pools.length; p++) {
        bytes[at++] = COMMA;
        at = this.#writeCell(pools[p]!, p, at);
      }
      bytes[at++] = CLOSE;
    }
    bytes[at++] = 32;
    this.#length = at;
    return row;
  }

  #seek(table: number, row: number): void {
    const { pools } = this.#source;
    for (let p = 0; p < pools.length; p++) {
      this.#positions[p] = (this.#source.offset(table, p) + row) % pools[p]!.count;
    }
  }

  #writeCell(pool: CellPool, p: number, at: number): number {
    const index = this.#positions[p]!;
    this.#positions[p] = index + 1 === pool.count ? 0 : index + 1;
    return pool.copy(index, this.#bytes, at);
  }

  /** The start and so many ticks; whole ms and the rest apart, so that ns stay exact. */
  #writeTime(at: number, ticks: number): number {
    const { startMs, ticksPerMs } = this.#source;
    if (ticksPerMs === 1) return writeDecimal(this.#bytes, at, startMs + ticks);
    const ms = Math.floor(ticks / ticksPerMs);
    const end = writeDecimal(this.#bytes, at, startMs + ms);
    return writePadded(this.#bytes, end, ticks - ms * ticksPerMs, ticksPerMs === 1000 ? 3 : 6);
  }
}
