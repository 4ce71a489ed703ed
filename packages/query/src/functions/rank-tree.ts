/**
 * Counts of very many numbers by value, in little memory, with a bound on the error of every rank.
 *
 * A number's 64 bits, read from the top, are a path in a tree: sign and exponent choose the page, the next ten bits
 * the cell, then ten more, then four times eight. A number is counted in the topmost cell of its path that still has
 * room, `limit` numbers; what comes later goes one level down. A cell's first overflowing value is
 * remembered and counted by itself, so that columns of few different values never go deep.
 *
 * Invariant: no cell above the last level counts more than `limit` = 1/800 of all numbers (or 64). Where in its
 * range a cell's numbers lie is unknown: of a path's six cells that makes a rank wrong by at most 6/800 = 0.75 %.
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
  readonly nodes: (Node | undefined)[];
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
const PARTS = 800;
const LIMIT_MIN = 64;
const ROOTS = 4096;

const word = new Uint32Array(2);
const number = new Float64Array(word.buffer);
const bits = new BigUint64Array(word.buffer);

export class RankTree {
  /** Where the cells of a page of the top level begin in `#cells`; -1: there are none yet. */
  readonly #offsets = new Int32Array(ROOTS).fill(-1);
  /** Cells of the top level, page behind page. */
  #cells: Float64Array = new Float64Array(0);
  readonly #nodes: (Node | undefined)[] = [];
  #total = 0;
  #limit = LIMIT_MIN;
  #least = Infinity;
  #greatest = -Infinity;
  heldBytes = ROOTS * 4;

  get total(): number {
    return this.#total;
  }

  get least(): number {
    return this.#least;
  }

  get greatest(): number {
    return this.#greatest;
  }

  /** Counts the numbers of `data[from, to)`; NaN is left out. */
  add(data: Float64Array, from: number, to: number): void {
    this.#grow(to - from);
    const words = new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
    const offsets = this.#offsets;
    const limit = this.#limit;
    let cells = this.#cells;
    let least = this.#least;
    let greatest = this.#greatest;
    let missing = 0;
    for (let i = from; i < to; i++) {
      const value = data[i]!;
      if (value !== value) {
        missing++;
        continue;
      }
      if (value < least) least = value;
      if (value > greatest) greatest = value;
      const high = words[2 * i + 1]!;
      let offset = offsets[high >>> 20]!;
      if (offset < 0) {
        offset = this.#rootPage(high >>> 20);
        cells = this.#cells;
      }
      const cell = offset + ((high >>> 10) & 1023);
      const count = cells[cell]!;
      if (count < limit) cells[cell] = count + 1;
      else this.#addTo(this.#nodeOf(this.#nodes, cell, value), value, 1);
    }
    this.widen(least, greatest);
    this.#grow(-missing);
  }

  /** Counts a stretch of another tree. */
  addStretch({ key, level, count }: Stretch): void {
    this.#grow(count);
    number[0] = key;
    const top = word[1]! >>> 20;
    const offset = this.#offsets[top]! < 0 ? this.#rootPage(top) : this.#offsets[top]!;
    let counts = this.#cells;
    let nodes = this.#nodes;
    let cell = offset + cellOf(key, 0);
    for (let depth = 0; ; depth++) {
      const isHere = depth === level || depth === LEVELS - 1;
      if (isHere || counts[cell]! + count <= this.#limit) {
        counts[cell]! += count;
        return;
      }
      const node = this.#nodeOf(nodes, cell, level === LEVELS ? key : NaN);
      if (node.value === key && level === LEVELS) {
        node.count += count;
        return;
      }
      const page = (node.page ??= this.#page(depth + 1));
      counts = page.counts;
      nodes = page.nodes;
      cell = cellOf(key, depth + 1);
    }
  }

  /** All cells that count anything, ascending by value; wide ones may hold narrower ones. */
  stretches(): Stretch[] {
    return this.#collect(false);
  }

  /**
   * The same without overlaps: numbers of a full cell, known only to lie somewhere in it, are taken to lie like those that
   * came after them.
   */
  spread(): Stretch[] {
    return this.#collect(true);
  }

  #collect(isSpread: boolean): Stretch[] {
    const all: Stretch[] = [];
    this.#offsets.forEach((offset, top) => {
      if (offset < 0) return;
      const counts = this.#cells.subarray(offset, offset + CELLS[0]);
      const nodes = this.#nodes.slice(offset, offset + CELLS[0]);
      collect({ counts, nodes }, 0, BigInt(top) << 52n, { all, isSpread });
    });
    return all.sort((a, b) => a.low + a.high - (b.low + b.high) || a.level - b.level);
  }

  /** Takes least and greatest number of another tree. */
  widen(least: number, greatest: number): void {
    if (least < this.#least) this.#least = least;
    if (greatest > this.#greatest) this.#greatest = greatest;
  }

  #grow(count: number): void {
    this.#total += count;
    this.#limit = Math.max(LIMIT_MIN, Math.floor(this.#total / PARTS));
  }

  #rootPage(top: number): number {
    const offset = this.#cells.length;
    const larger = new Float64Array(offset + CELLS[0]);
    larger.set(this.#cells);
    this.#cells = larger;
    this.#offsets[top] = offset;
    this.heldBytes += CELLS[0] * 8;
    return offset;
  }

  #page(level: number): Page {
    const cells = CELLS[level]!;
    this.heldBytes += cells * 8 + 64;
    return { counts: new Float64Array(cells), nodes: [] };
  }

  /** What lies below a full cell; a new one keeps `value` by itself. */
  #nodeOf(nodes: (Node | undefined)[], cell: number, value: number): Node {
    const known = nodes[cell];
    if (known !== undefined) return known;
    while (nodes.length <= cell) nodes.push(undefined);
    this.heldBytes += 64;
    return (nodes[cell] = { value, count: 0, page: undefined });
  }

  /** Counts a number below a full cell of the level above `depth`. */
  #addTo(node: Node, value: number, depth: number): void {
    if (node.value === value) {
      node.count++;
      return;
    }
    const page = (node.page ??= this.#page(depth));
    const cell = cellOf(value, depth);
    if (page.counts[cell]! < this.#limit || depth === LEVELS - 1) page.counts[cell]!++;
    else this.#addTo(this.#nodeOf(page.nodes, cell, value), value, depth + 1);
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

function collect(
  page: Page,
  level: number,
  path: bigint,
  into: { readonly all: Stretch[]; readonly isSpread: boolean },
): void {
  const below = BITS_BELOW[level]!;
  for (let cell = 0; cell < page.counts.length; cell++) {
    const count = page.counts[cell]!;
    const node = page.nodes[cell];
    if (count === 0 && node === undefined) continue;
    const cellPath = path | (BigInt(cell) << below);
    if (count > 0 && (node === undefined || !into.isSpread)) {
      const key = numberOf(cellPath);
      const far = numberOf(cellPath | ((1n << below) - 1n));
      into.all.push({ low: Math.min(key, far), high: Math.max(key, far), count, key, level });
    }
    if (node === undefined) continue;
    const lower: Stretch[] = [];
    const { value } = node;
    if (node.count > 0)
      lower.push({ low: value, high: value, count: node.count, key: value, level: LEVELS });
    if (node.page !== undefined) {
      collect(node.page, level + 1, cellPath, { all: lower, isSpread: into.isSpread });
    }
    const known = lower.reduce((sum, stretch) => sum + stretch.count, 0);
    const scale = into.isSpread && known > 0 ? (count + known) / known : 1;
    for (const stretch of lower) into.all.push({ ...stretch, count: stretch.count * scale });
  }
}

function numberOf(pattern: bigint): number {
  bits[0] = pattern;
  return number[0]!;
}
