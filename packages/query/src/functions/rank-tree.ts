/**
 * Counts of very many numbers by value, in little memory, with a bound on the error of every rank.
 *
 * A number's 64 bits, read from the top, are a path in a tree: sign and exponent choose the page, the next ten bits
 * the cell, then ten more, then four times eight. A number is counted in the topmost cell of its path that still has
 * room, `limit` numbers; what comes later goes one level down. A cell's first overflowing value is
 * remembered and counted by itself, so that columns of few different values never go deep.
 *
 * Invariant: no cell above the last level counts more than `limit` = 1/1600 of all numbers (or 32). Where in its
 * range a cell's numbers lie is unknown: of a path's six cells that makes a rank wrong by at most 6/1600 = 0.4 %.
 * The tree depends on the order of the numbers only within that bound; addition of trees keeps it.
 *
 * Reads numbers as pairs of 32-bit words, low word first.
 */

/** Cells below a full cell, and the value counted by itself. */
interface Node {
  value: number;
  count: number;
  page: Page | undefined;
}

interface Page {
  readonly counts: Float64Array;
  nodes: (Node | undefined)[] | undefined;
}

/** A stretch of values and how many numbers lie in it; `low` is `high` where the value is known. */
export interface Stretch {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** The stretch's path: a number in it, and how many levels of its bits count (6: all). */
  readonly key: number;
  readonly level: number;
}

const CELLS = [1024, 1024, 256, 256, 256, 256] as const;
const LEVELS = CELLS.length;
/** Bits of the number below each level's cell. */
const BITS_BELOW = [42n, 32n, 24n, 16n, 8n, 0n] as const;
const PARTS = 1600;
const LIMIT_MIN = 32;

const word = new Uint32Array(2);
const number = new Float64Array(word.buffer);
const bits = new BigUint64Array(word.buffer);

export class RankTree {
  readonly #pages: (Page | undefined)[] = new Array<Page | undefined>(4096).fill(undefined);
  #total = 0;
  #limit = LIMIT_MIN;
  heldBytes = 4096 * 8;

  get total(): number {
    return this.#total;
  }

  /** Counts the numbers of `data[from, to)`; NaN is left out. */
  add(data: Float64Array, from: number, to: number): void {
    const words = new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
    const pages = this.#pages;
    const limit = this.#limit;
    let missing = 0;
    for (let i = from; i < to; i++) {
      const high = words[2 * i + 1]!;
      // All ones in the exponent: NaN (or an infinity, which no column has).
      if ((high & 0x7ff00000) === 0x7ff00000) {
        missing++;
        continue;
      }
      const page = pages[high >>> 20] ?? this.#rootPage(high >>> 20);
      const cell = (high >>> 10) & 1023;
      const count = page.counts[cell]!;
      if (count < limit) page.counts[cell] = count + 1;
      else this.#addBelow(page, cell, data[i]!, 1);
    }
    this.#grow(to - from - missing);
  }

  /** Counts a stretch of another tree. */
  addStretch({ key, level, count }: Stretch): void {
    this.#grow(count);
    number[0] = key;
    const top = word[1]! >>> 20;
    let page = this.#pages[top] ?? this.#rootPage(top);
    for (let depth = 0; ; depth++) {
      const cell = cellOf(key, depth);
      const isHere = depth === level || depth === LEVELS - 1;
      if (isHere || page.counts[cell]! + count <= this.#limit) {
        page.counts[cell]! += count;
        return;
      }
      const node = this.#node(page, cell, level === LEVELS ? key : NaN);
      if (node.value === key && level === LEVELS) {
        node.count += count;
        return;
      }
      page = node.page ??= this.#page(depth + 1);
    }
  }

  /** All stretches, ascending by value. */
  stretches(): Stretch[] {
    const all: Stretch[] = [];
    this.#pages.forEach((page, top) => {
      if (page !== undefined) collect(page, 0, BigInt(top) << 52n, all);
    });
    return all.sort((a, b) => a.low + a.high - (b.low + b.high) || a.level - b.level);
  }

  #grow(count: number): void {
    this.#total += count;
    this.#limit = Math.max(LIMIT_MIN, Math.floor(this.#total / PARTS));
  }

  #rootPage(top: number): Page {
    const page = this.#page(0);
    this.#pages[top] = page;
    return page;
  }

  #page(level: number): Page {
    const cells = CELLS[level]!;
    this.heldBytes += cells * 8 + 64;
    return { counts: new Float64Array(cells), nodes: undefined };
  }

  #node(page: Page, cell: number, value: number): Node {
    page.nodes ??= [];
    const known = page.nodes[cell];
    if (known !== undefined) return known;
    this.heldBytes += 64;
    return (page.nodes[cell] = { value, count: 0, page: undefined });
  }

  /** Counts a number whose cell is full. */
  #addBelow(full: Page, fullCell: number, value: number, depth: number): void {
    const node = this.#node(full, fullCell, value);
    if (node.value === value) {
      node.count++;
      return;
    }
    const page = (node.page ??= this.#page(depth));
    const cell = cellOf(value, depth);
    if (page.counts[cell]! < this.#limit || depth === LEVELS - 1) page.counts[cell]!++;
    else this.#addBelow(page, cell, value, depth + 1);
  }
}

function cellOf(value: number, level: number): number {
  number[0] = value;
  switch (level) {
    case 0:
      return (word[1]! >>> 10) & 1023;
    case 1:
      return word[1]! & 1023;
    default:
      return (word[0]! >>> (40 - 8 * level)) & 255;
  }
}

function collect(page: Page, level: number, path: bigint, into: Stretch[]): void {
  const below = BITS_BELOW[level]!;
  for (let cell = 0; cell < page.counts.length; cell++) {
    const count = page.counts[cell]!;
    const node = page.nodes?.[cell];
    if (count === 0 && node === undefined) continue;
    const cellPath = path | (BigInt(cell) << below);
    const key = numberOf(cellPath);
    const far = numberOf(cellPath | ((1n << below) - 1n));
    if (count > 0) {
      into.push({ low: Math.min(key, far), high: Math.max(key, far), count, key, level });
    }
    if (node === undefined) continue;
    const { value } = node;
    if (node.count > 0)
      into.push({ low: value, high: value, count: node.count, key: value, level: LEVELS });
    if (node.page !== undefined) collect(node.page, level + 1, cellPath, into);
  }
}

function numberOf(pattern: bigint): number {
  bits[0] = pattern;
  return number[0]!;
}
