/**
 * Counts of very many numbers by value, in little memory, with a bound on the error of every rank.
 *
 * A number's 64 bits, read from the top, are a path in a tree: sign and exponent choose the page, the next twelve bits
 * the cell, then five times eight. A number is counted in the topmost cell of its path that still has
 * room, `limit` numbers; what comes later goes one level down. A cell's first overflowing value is
 * remembered and counted by itself, so that columns of few different values never go deep.
 *
 * Invariant: no cell above the last level counts more than `limit` = 1/800 of all numbers (or 64). Where in its
 * range a cell's numbers lie is unknown: of a path's six cells that makes a rank wrong by at most 6/800 = 0.75 %.
 * The tree depends on the order of the numbers only within that bound; addition of trees keeps it.
 *
 * Reads numbers as pairs of 32-bit words, low word first.
 */

import { grown } from './aggregator.ts';

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

const CELLS = [4096, 256, 256, 256, 256, 256] as const;
const LEVELS = CELLS.length;
const PARTS = 800;
const LIMIT_MIN = 64;
const ROOTS = 4096;

const word = new Uint32Array(2);
const number = new Float64Array(word.buffer);

export class RankTree {
  /** Where the cells of a page of the top level begin in `#cells`; -1: there are none yet. */
  readonly #offsets = new Int32Array(ROOTS).fill(-1);
  /** Cells of the top level, page behind page, and the number of what lies below each; 0: nothing. */
  #cells: Float64Array = new Float64Array(0);
  #below: Int32Array = new Int32Array(0);
  /** Below full cells of the top level, by that number: the value counted by itself, its count, the others. */
  #values: Float64Array = new Float64Array([NaN]);
  #counts: Float64Array = new Float64Array(1);
  readonly #lower: (Page | undefined)[] = [undefined];
  #total = 0;
  #limit = LIMIT_MIN;
  heldBytes = ROOTS * 4;

  get total(): number {
    return this.#total;
  }

  /** Counts the numbers of `data[from, to)`; NaN is left out. `isDense`: there is none. */
  add(data: Float64Array, from: number, to: number, isDense: boolean): void {
    if (isDense) {
      this.#addRun(data, from, to);
      return;
    }
    let at = from;
    while (at < to) {
      while (at < to && data[at] !== data[at]) at++;
      const start = at;
      while (at < to && data[at] === data[at]) at++;
      if (at > start) this.#addRun(data, start, at);
    }
  }

  #addRun(data: Float64Array, from: number, to: number): void {
    this.#grow(to - from);
    const words = new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
    const offsets = this.#offsets;
    const limit = this.#limit;
    let cells = this.#cells;
    let below = this.#below;
    let values = this.#values;
    let counts = this.#counts;
    for (let i = from; i < to; i++) {
      const high = words[2 * i + 1]!;
      let offset = offsets[high >>> 20]!;
      if (offset < 0) {
        offset = this.#rootPage(high >>> 20);
        cells = this.#cells;
        below = this.#below;
      }
      const cell = offset + ((high >>> 8) & 4095);
      const count = cells[cell]!;
      if (count < limit) {
        cells[cell] = count + 1;
        continue;
      }
      const value = data[i]!;
      const id = below[cell]!;
      if (values[id] === value) counts[id]!++;
      else if (id > 0) this.#addToPage((this.#lower[id] ??= this.#page(1)), value, 1);
      else {
        const added = this.#newBelow(cell, value);
        values = this.#values;
        counts = this.#counts;
        counts[added] = 1;
      }
    }
  }

  /** Counts a stretch of another tree. */
  addStretch({ key, level, count }: Stretch): void {
    this.#grow(count);
    number[0] = key;
    const top = word[1]! >>> 20;
    const offset = this.#offsets[top]! < 0 ? this.#rootPage(top) : this.#offsets[top]!;
    const cell = offset + cellOf(key, 0);
    if (level === 0 || this.#cells[cell]! + count <= this.#limit) {
      this.#cells[cell]! += count;
      return;
    }
    const id = this.#below[cell]! || this.#newBelow(cell, level === LEVELS ? key : NaN);
    if (level === LEVELS && this.#values[id] === key) this.#counts[id]! += count;
    else this.#addStretchTo((this.#lower[id] ??= this.#page(1)), { key, level, count });
  }

  #addStretchTo(top: Page, stretch: Pick<Stretch, 'key' | 'level' | 'count'>): void {
    const { key, level, count } = stretch;
    let page = top;
    for (let depth = 1; ; depth++) {
      const cell = cellOf(key, depth);
      const isHere = depth === level || depth === LEVELS - 1;
      if (isHere || page.counts[cell]! + count <= this.#limit) {
        page.counts[cell]! += count;
        return;
      }
      const node = this.#nodeOf(page, cell, level === LEVELS ? key : NaN);
      if (node.value === key && level === LEVELS) {
        node.count += count;
        return;
      }
      page = node.page ??= this.#page(depth + 1);
    }
  }

  /** All cells that count anything; wide ones may hold narrower ones. */
  stretches(): Stretch[] {
    return this.#collect(false);
  }

  /**
   * The same ascending and without overlaps: numbers of a full cell, known only to lie somewhere in it, are taken to lie like those that
   * came after them.
   */
  spread(): Stretch[] {
    return this.#collect(true);
  }

  #collect(isSpread: boolean): Stretch[] {
    const all: Stretch[] = [];
    // The bits of negative numbers ascend with their distance from 0.
    for (let i = 0; i < ROOTS; i++) {
      const top = i < ROOTS / 2 ? ROOTS - 1 - i : i - ROOTS / 2;
      const offset = this.#offsets[top]!;
      if (offset < 0) continue;
      const counts = this.#cells.subarray(offset, offset + CELLS[0]);
      const nodes: (Node | undefined)[] = [];
      for (let cell = 0; cell < CELLS[0]; cell++) {
        const id = this.#below[offset + cell]!;
        if (id === 0) continue;
        nodes[cell] = { value: this.#values[id]!, count: this.#counts[id]!, page: this.#lower[id] };
      }
      const page: Stretch[] = [];
      collect({ counts, nodes }, { level: 0, high: top << 20, low: 0 }, { all: page, isSpread });
      if (i < ROOTS / 2) page.reverse();
      for (const stretch of page) all.push(stretch);
    }
    return all;
  }

  #grow(count: number): void {
    this.#total += count;
    this.#limit = Math.max(LIMIT_MIN, Math.floor(this.#total / PARTS));
  }

  #rootPage(top: number): number {
    const offset = this.#cells.length;
    const cells = new Float64Array(offset + CELLS[0]);
    cells.set(this.#cells);
    this.#cells = cells;
    const below = new Int32Array(offset + CELLS[0]);
    below.set(this.#below);
    this.#below = below;
    this.#offsets[top] = offset;
    this.heldBytes += CELLS[0] * 12;
    return offset;
  }

  /** Opens what lies below a full cell of the top level; its number. */
  #newBelow(cell: number, value: number): number {
    const id = this.#lower.push(undefined) - 1;
    this.#values = grown(this.#values, id + 1, NaN);
    this.#counts = grown(this.#counts, id + 1, 0);
    this.#values[id] = value;
    this.#below[cell] = id;
    this.heldBytes += 24;
    return id;
  }

  #page(level: number): Page {
    const cells = CELLS[level]!;
    this.heldBytes += cells * 8 + 64;
    return { counts: new Float64Array(cells), nodes: [] };
  }

  /** What lies below a full cell of a lower page; a new one keeps `value` by itself. */
  #nodeOf({ nodes }: Page, cell: number, value: number): Node {
    const known = nodes[cell];
    if (known !== undefined) return known;
    while (nodes.length <= cell) nodes.push(undefined);
    this.heldBytes += 64;
    return (nodes[cell] = { value, count: 0, page: undefined });
  }

  /** Counts a number in a page of level `depth`, or below it. */
  #addToPage(page: Page, value: number, depth: number): void {
    const cell = cellOf(value, depth);
    if (page.counts[cell]! < this.#limit || depth === LEVELS - 1) {
      page.counts[cell]!++;
      return;
    }
    const node = this.#nodeOf(page, cell, value);
    if (node.value === value) node.count++;
    else this.#addToPage((node.page ??= this.#page(depth + 1)), value, depth + 1);
  }
}

function cellOf(value: number, level: number): number {
  number[0] = value;
  switch (level) {
    case 0:
      return (word[1]! >>> 8) & 4095;
    case 1:
      return word[1]! & 255;
    default:
      return (word[0]! >>> (40 - 8 * level)) & 255;
  }
}

/** The bits that lead to a page. */
interface Path {
  readonly level: number;
  readonly high: number;
  readonly low: number;
}

function collect(
  page: Page,
  path: Path,
  into: { readonly all: Stretch[]; readonly isSpread: boolean },
): void {
  const { level } = path;
  for (let cell = 0; cell < page.counts.length; cell++) {
    const count = page.counts[cell]!;
    const node = page.nodes[cell];
    if (count === 0 && node === undefined) continue;
    const at = step(path, cell);
    if (count > 0 && (node === undefined || !into.isSpread)) into.all.push(stretchOf(at, count));
    if (node === undefined) continue;
    const lower: Stretch[] = [];
    const { value } = node;
    if (node.count > 0)
      lower.push({ low: value, high: value, count: node.count, key: value, level: LEVELS });
    if (node.page !== undefined) {
      collect(node.page, at, { all: lower, isSpread: into.isSpread });
      // By distance from 0, as the cells are.
      lower.sort((a, b) => Math.abs(a.low + a.high) - Math.abs(b.low + b.high));
    }
    const known = lower.reduce((sum, stretch) => sum + stretch.count, 0);
    const scale = into.isSpread && known > 0 ? (count + known) / known : 1;
    for (const stretch of lower) into.all.push({ ...stretch, count: stretch.count * scale });
  }

  /** The path through a cell of this page. */
  function step({ high, low }: Path, cell: number): Path {
    if (level === 0) return { level: 1, high: high | (cell << 8), low };
    if (level === 1) return { level: 2, high: high | cell, low };
    return { level: level + 1, high, low: low | (cell << (40 - 8 * level)) };
  }
}

/** All numbers whose bits begin like the path. */
function stretchOf({ level, high, low }: Path, count: number): Stretch {
  const key = numberOf(high, low);
  const far = numberOf(
    level === 1 ? high | 255 : high,
    level <= 2 ? -1 : low | (2 ** (48 - 8 * level) - 1),
  );
  return { low: Math.min(key, far), high: Math.max(key, far), count, key, level: level - 1 };
}

function numberOf(high: number, low: number): number {
  word[0] = low;
  word[1] = high;
  return number[0]!;
}
