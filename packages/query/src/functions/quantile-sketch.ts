/**
 * Quantiles of any number of values: exact up to 65,536 values, which are kept as they are; beyond that from a
 * `RankTree`, with ranks right within 1 %. No chance in it: the same values in the same order give the same answer.
 */
import { neighbours } from './order-statistic.ts';
import { maxNumber, minNumber } from './ranges.ts';
import { RankTree } from './rank-tree.ts';
import { bytesOf, numbersOf, ValueLists } from './value-lists.ts';

const EXACT_MAX = 65_536;
/** First number of an encoded tree: no value is NaN. */
const TREE_MARK = NaN;
const NUMBERS_A_STRETCH = 3;

export class QuantileSketch {
  readonly #keepsEnds: boolean;
  #least = Infinity;
  #greatest = -Infinity;
  #values: ValueLists | undefined = oneList();
  #tree: RankTree | undefined;

  /** `keepsEnds`: `at(0)` and `at(1)` will be asked for. */
  constructor(keepsEnds: boolean) {
    this.#keepsEnds = keepsEnds;
  }

  get count(): number {
    return this.#tree?.total ?? this.#values!.length(0);
  }

  get heldBytes(): number {
    return this.#tree?.heldBytes ?? this.#values!.heldBytes;
  }

  /** Takes the numbers of `data[from, to)`; NaN is left out. `isDense`: there is none. */
  add(data: Float64Array, from: number, to: number, isDense = false): void {
    if (this.#keepsEnds) this.#widen(minNumber(data, from, to), maxNumber(data, from, to));
    if (this.#values !== undefined && this.count + to - from > EXACT_MAX) this.#toTree();
    if (this.#values === undefined) this.#tree!.add(data, from, to, isDense);
    else this.#values.append(0, data, from, to, isDense);
  }

  /** Takes another sketch's `encode`. */
  merge(bytes: Uint8Array): void {
    const numbers = numbersOf(bytes);
    if (numbers.length === 0 || numbers[0] === numbers[0]) {
      this.add(numbers, 0, numbers.length, true);
      return;
    }
    const tree = this.#toTree();
    this.#widen(numbers[1]!, numbers[2]!);
    for (let i = 3; i < numbers.length; i += NUMBERS_A_STRETCH) {
      const key = numbers[i]!;
      tree.addStretch({ key, level: numbers[i + 1]!, count: numbers[i + 2]!, low: key, high: key });
    }
  }

  /** The state: the values, or mark, least, greatest and key, level, count of each stretch. */
  encode(): Uint8Array {
    if (this.#values !== undefined) return bytesOf(this.#values.values(0));
    const tree = this.#tree!;
    const numbers = [TREE_MARK, this.#least, this.#greatest];
    for (const { key, level, count } of tree.stretches()) numbers.push(key, level, count);
    return bytesOf(Float64Array.from(numbers));
  }

  /** The value at `share` (0 to 1) of all values, which are some. */
  at(share: number): number {
    const place = share * this.count;
    if (this.#keepsEnds && share <= 0) return this.#least;
    if (this.#keepsEnds && share >= 1) return this.#greatest;
    return this.#tree === undefined
      ? atPlace(this.#values!.values(0), place)
      : atStretch(this.#tree, place);
  }

  #widen(least: number, greatest: number): void {
    if (least < this.#least) this.#least = least;
    if (greatest > this.#greatest) this.#greatest = greatest;
  }

  #toTree(): RankTree {
    if (this.#tree !== undefined) return this.#tree;
    this.#tree = new RankTree();
    const values = this.#values!.values(0);
    this.#values = undefined;
    this.#tree.add(values, 0, values.length, true);
    return this.#tree;
  }
}

function atStretch(tree: RankTree, place: number): number {
  let before = 0;
  let last = NaN;
  for (const { low, high, count } of tree.spread()) {
    if (before + count >= place) return low + (high - low) * ((place - before) / count);
    before += count;
    last = high;
  }
  return last;
}

function oneList(): ValueLists {
  const lists = new ValueLists();
  lists.grow(1);
  return lists;
}

/**
 * The i-th smallest value stands at place i, from 1; from one value to the next greater one there is a straight line. It
 * ends after 1 % of all places: where many values are equal, a rank among them is theirs.
 */
function atPlace(values: Float64Array, place: number): number {
  const [value] = neighbours(values, Math.max(0, Math.ceil(place) - 1));
  let below = 0;
  let before = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const other = values[i]!;
    if (other >= value) continue;
    below++;
    if (other > before) before = other;
  }
  if (below === 0) return value;
  const share = (place - below) / Math.max(1, values.length / 100);
  return share >= 1 ? value : before + (value - before) * share;
}
