/**
 * Joining streams of rows that are all in time order: rows of one time stand side by side, those of them that
 * agree in their keys are joined. Only the rows of the current batches are held, and those of one time.
 *
 * Tables have each time once, so that a match is one row of each; stables and inner selects may have many rows
 * of one time, which are joined member after member through a hash of their keys. Rows are noted by number and
 * copied when a batch is spent: rows that follow each other are copied together.
 */
import { MAX_BATCH_ROWS } from '@tdnode/common';
import type { Batch, Precision } from '@tdnode/common';
import { valueOf } from '../functions/cells.ts';
import { ColumnBuilder } from '../operators/column-builder.ts';
import type { JoinInput, JoinSource } from '../plan/metadata.ts';
import { checkBudget } from './budget.ts';
import { batchBytes, timesOf, typeOfVector } from './time-order.ts';

/** The joined rows; columns as `source.columns` says. */
export async function* joinRows(
  source: JoinSource,
  streams: readonly AsyncIterator<Batch>[],
  budgetBytes: number,
): AsyncGenerator<Batch> {
  const sign = source.descending ? -1 : 1;
  const inputs = streams.map((stream, i) => new Input(source.inputs[i]!, stream, budgetBytes));
  const output = new Output(source, inputs);
  try {
    const loaded = await Promise.all(inputs.map((input) => input.load()));
    if (!loaded.every(Boolean)) return;
    for (;;) {
      if (output.isSimple) for (const full of output.addPairs(sign)) yield full;
      const isMatch = align(inputs, sign);
      const short = inputs.filter((input) => (isMatch ? input.endsWithGroup() : input.isSpent));
      if (short.length === 0) {
        for (const full of output.addMatch()) yield full;
        continue;
      }
      // A batch goes when its rows are in the output.
      for (const full of output.flush()) yield full;
      const more = await Promise.all(
        short.map((input) => (isMatch ? input.extend() : input.load())),
      );
      if (!isMatch && !more.every(Boolean)) break;
    }
    yield* output.finish();
  } finally {
    for (const stream of streams) void stream.return?.();
  }
}

/** Steps all inputs forward to the next time they have in common; false when one must load first. */
function align(inputs: readonly Input[], sign: number): boolean {
  for (;;) {
    let furthest = -Infinity;
    for (const input of inputs) {
      if (input.isSpent) return false;
      furthest = Math.max(furthest, sign * input.time);
    }
    let isEqual = true;
    for (const input of inputs) {
      if (sign * input.time < furthest) {
        input.skipTo(furthest, sign);
        isEqual = false;
      }
    }
    if (isEqual) return true;
  }
}

/** One stream: its current batch and the row it stands on. */
class Input {
  readonly #stream: AsyncIterator<Batch>;
  readonly #hasUniqueTimes: boolean;
  readonly #budgetBytes: number;
  readonly #precision: Precision;
  #isAtEnd = false;
  batch: Batch = { rows: 0, columns: [] };
  ts: Float64Array = new Float64Array(0);
  row = 0;

  constructor(
    { plan, hasUniqueTimes }: JoinInput,
    stream: AsyncIterator<Batch>,
    budgetBytes: number,
  ) {
    this.#stream = stream;
    this.#hasUniqueTimes = hasUniqueTimes;
    this.#precision = plan.precision;
    this.#budgetBytes = budgetBytes;
  }

  get isSpent(): boolean {
    return this.row >= this.batch.rows;
  }

  get time(): number {
    return this.ts[this.row]!;
  }

  /** Steps to the first row at or after a time (before, where the sign is negative). */
  skipTo(time: number, sign: number): void {
    const { ts } = this;
    const { rows } = this.batch;
    let row = this.row;
    while (row < rows && sign * ts[row]! < time) row++;
    this.row = row;
  }

  /** End of the rows that have the current time. */
  groupEnd(): number {
    const { ts } = this;
    const { rows } = this.batch;
    const { time } = this;
    let end = this.row + 1;
    while (end < rows && ts[end] === time) end++;
    return end;
  }

  /** Whether more rows of the current time may stand in the next batch. */
  endsWithGroup(): boolean {
    return !this.#isAtEnd && !this.#hasUniqueTimes && this.ts[this.batch.rows - 1] === this.time;
  }

  /** Puts the next batch in the place of this one; false at the end. */
  async load(): Promise<boolean> {
    const step = await this.#next();
    if (step === undefined) return false;
    this.#set(step);
    return true;
  }

  /** Appends the next batch to what is left of this one. */
  async extend(): Promise<boolean> {
    const step = await this.#next();
    const left = this.batch;
    if (step === undefined) return false;
    const rows = left.rows - this.row + step.rows;
    const columns = left.columns.map((vector, i) => {
      const more = step.columns[i]!;
      const builder = new ColumnBuilder(rows, typeOfVector(vector.kind === 'f64' ? more : vector));
      builder.appendRange(vector, this.row, left.rows);
      builder.appendRange(more, 0, step.rows);
      return builder.finish();
    });
    this.#set({ rows, columns });
    checkBudget(batchBytes(this.batch), this.#budgetBytes);
    return true;
  }

  async #next(): Promise<Batch | undefined> {
    for (;;) {
      const step = this.#isAtEnd ? undefined : await this.#stream.next();
      if (step === undefined || step.done === true) {
        this.#isAtEnd = true;
        return undefined;
      }
      if (step.value.rows > 0) return step.value;
    }
  }

  #set(batch: Batch): void {
    this.batch = batch;
    this.ts = timesOf(batch, { timeAt: 0, base: 0, precision: this.#precision });
    this.row = 0;
  }
}

/** Notes rows of equal time until a batch is spent or the lists are full; returns how many are noted. */
function pairRows(
  [left, right]: readonly [Input, Input],
  [leftRows, rightRows]: readonly Uint32Array[],
  noted: number,
  sign: number,
): number {
  const a = left.ts;
  const b = right.ts;
  const aEnd = left.batch.rows;
  const bEnd = right.batch.rows;
  let i = left.row;
  let j = right.row;
  let count = noted;
  while (i < aEnd && j < bEnd && count < MAX_BATCH_ROWS) {
    const order = sign * (a[i]! - b[j]!);
    if (order < 0) i++;
    else if (order > 0) j++;
    else {
      leftRows![count] = i++;
      rightRows![count++] = j++;
    }
  }
  left.row = i;
  right.row = j;
  return count;
}

/** Joined rows: first as row numbers of the current batches, then as columns. */
class Output {
  readonly #source: JoinSource;
  readonly #inputs: readonly Input[];
  readonly #rows: readonly Uint32Array[];
  /** Each row is in one match at most, so that the noted numbers ascend. */
  readonly #areAscending: boolean;
  #count = 0;
  #builders: ColumnBuilder[];

  constructor(source: JoinSource, inputs: readonly Input[]) {
    this.#source = source;
    this.#inputs = inputs;
    this.#rows = inputs.map(() => new Uint32Array(MAX_BATCH_ROWS));
    this.#areAscending = source.inputs.every((one) => one.hasUniqueTimes);
    this.#builders = this.#freshBuilders();
  }

  #freshBuilders(): ColumnBuilder[] {
    return this.#source.columns.map(({ type }) => new ColumnBuilder(MAX_BATCH_ROWS, type));
  }

  /** Two inputs that have each time once, without keys. */
  get isSimple(): boolean {
    const { inputs } = this.#source;
    return (
      inputs.length === 2 && inputs.every((one) => one.hasUniqueTimes && one.keys.length === 0)
    );
  }

  /** Joins the rows of both current batches, as far as they go. */
  *addPairs(sign: number): Generator<Batch> {
    const [left, right] = this.#inputs as readonly [Input, Input];
    while (!left.isSpent && !right.isSpent) {
      this.#count = pairRows([left, right], this.#rows, this.#count, sign);
      if (this.#count === MAX_BATCH_ROWS) yield* this.flush();
    }
  }

  /** Joins the rows of the time all inputs stand on, and steps behind them; yields batches that got full. */
  *addMatch(): Generator<Batch> {
    const ends = this.#inputs.map((input) => input.groupEnd());
    const isSingle = this.#inputs.every((input, i) => ends[i] === input.row + 1);
    if (isSingle && this.#source.inputs[0]!.keys.length === 0) {
      for (let i = 0; i < ends.length; i++) this.#rows[i]![this.#count] = this.#inputs[i]!.row;
      if (++this.#count === MAX_BATCH_ROWS) yield* this.flush();
    } else {
      for (const match of this.#matches(ends)) {
        for (let i = 0; i < match.length; i++) this.#rows[i]![this.#count] = match[i]!;
        if (++this.#count === MAX_BATCH_ROWS) yield* this.flush();
      }
    }
    this.#inputs.forEach((input, i) => {
      input.row = ends[i]!;
    });
  }

  /** Combinations of rows of one time that agree in their keys. */
  *#matches(ends: readonly number[]): Generator<number[]> {
    yield* this.#extendMatch(
      [],
      ends,
      this.#inputs.map((_, i) => this.#buckets(i, ends[i]!)),
    );
  }

  *#extendMatch(
    match: readonly number[],
    ends: readonly number[],
    buckets: readonly ReadonlyMap<string, number[]>[],
  ): Generator<number[]> {
    const member = match.length;
    if (member === this.#inputs.length) {
      yield [...match];
      return;
    }
    for (const row of buckets[member]!.get(this.#wantedKey(member, match)) ?? []) {
      yield* this.#extendMatch([...match, row], ends, buckets);
    }
  }

  /** Rows of a member at the current time, by those of its keys that earlier members have too. */
  #buckets(member: number, end: number): Map<string, number[]> {
    const buckets = new Map<string, number[]>();
    for (let row = this.#inputs[member]!.row; row < end; row++) {
      let key = '';
      for (const k of this.#sharedKeys(member)) key += this.#keyText(member, k, row);
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [row]);
      else bucket.push(row);
    }
    return buckets;
  }

  #wantedKey(member: number, match: readonly number[]): string {
    let key = '';
    for (const k of this.#sharedKeys(member)) {
      const earlier = this.#source.inputs.findIndex((input) => input.keys[k] !== undefined);
      key += this.#keyText(earlier, k, match[earlier]!);
    }
    return key;
  }

  #sharedKeys(member: number): number[] {
    const { inputs } = this.#source;
    return inputs[member]!.keys.flatMap((key, k) => {
      const isShared = inputs.slice(0, member).some((input) => input.keys[k] !== undefined);
      return key !== undefined && isShared ? [k] : [];
    });
  }

  /** NULL equals nothing: its text is different in every row. */
  #keyText(member: number, k: number, row: number): string {
    const column = this.#source.inputs[member]!.keys[k]!;
    const value = valueOf(this.#inputs[member]!.batch.columns[column]!, row);
    if (value === null) return `n${member}:${row};`;
    const text =
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
    return `${text.length}:${text};`;
  }

  /** Copies the rows noted so far out of the current batches. */
  *flush(): Generator<Batch> {
    let from = 0;
    while (from < this.#count) {
      const room = MAX_BATCH_ROWS - this.#builders[0]!.rows;
      const to = Math.min(this.#count, from + room);
      this.#source.columns.forEach(({ input, index }, i) => {
        const vector = this.#inputs[input]!.batch.columns[index]!;
        const rows = this.#rows[input]!;
        const first = rows[from]!;
        const last = rows[to - 1]!;
        const isRun = this.#areAscending && last - first === to - 1 - from;
        if (isRun) this.#builders[i]!.appendRange(vector, first, last + 1);
        else this.#builders[i]!.appendSelected(vector, rows, from, to);
      });
      from = to;
      if (this.#builders[0]!.rows === MAX_BATCH_ROWS) yield this.#take();
    }
    this.#count = 0;
  }

  *finish(): Generator<Batch> {
    yield* this.flush();
    if (this.#builders[0]!.rows > 0) yield this.#take();
  }

  #take(): Batch {
    const rows = this.#builders[0]!.rows;
    const columns = this.#builders.map((builder) => builder.finish());
    this.#builders = this.#freshBuilders();
    return { rows, columns };
  }
}
