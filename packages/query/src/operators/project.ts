/** Output rows of a projection: one builder a column, filled from blocks, handed out as full batches. */
import { encodeBatch, MAX_BATCH_ROWS, SqlType } from '@tdnode/common';
import type { TagValue, Vector } from '@tdnode/common';
import type { RowOutput, ScanColumn, TagOutput } from '../plan/fragment.ts';
import type { ScanBlock, ScanTable } from '../scan.ts';
import { evaluateArithmetic } from './arithmetic.ts';
import { ColumnBuilder } from './column-builder.ts';

const encoder = new TextEncoder();

/** Rows of one block to be appended: a run `[from, to)`, or those listed there in `selection`. */
export interface BlockRows {
  readonly selection: Uint32Array | undefined;
  readonly from: number;
  readonly to: number;
}

/** Type of an output of a rows fragment. */
export function outputType(output: RowOutput | TagOutput, columns: readonly ScanColumn[]): SqlType {
  switch (output.kind) {
    case 'time':
      return SqlType.TIMESTAMP;
    case 'column':
      return columns[output.index]!.type;
    case 'tag':
      return output.type;
    case 'tbname':
      return SqlType.BINARY;
    case 'constant':
      return typeof output.value === 'string' ? SqlType.BINARY : SqlType.DOUBLE;
    case 'arithmetic':
      return SqlType.DOUBLE;
  }
}

export class Projector {
  readonly #outputs: readonly RowOutput[];
  readonly #builders: readonly ColumnBuilder[];
  readonly #capacity: number;
  #rows = 0;

  constructor(
    outputs: readonly RowOutput[],
    columns: readonly ScanColumn[],
    capacity = MAX_BATCH_ROWS,
  ) {
    this.#outputs = outputs;
    this.#capacity = capacity;
    this.#builders = outputs.map((o) => new ColumnBuilder(capacity, outputType(o, columns)));
  }

  /** Rows that fit before `take` must be called. */
  get room(): number {
    return this.#capacity - this.#rows;
  }

  get rows(): number {
    return this.#rows;
  }

  /** What a table gives to the outputs: tags, name, constants. */
  valuesOf(table: ScanTable): readonly TagValue[] {
    return this.#outputs.map((output) => valueOfTable(output, table));
  }

  /** What a block gives to the outputs, decoded, good for its rows `[from, to)`. */
  vectorsOf(block: ScanBlock, from: number, to: number): readonly (Vector | undefined)[] {
    return this.#outputs.map((output) => vectorOfBlock(output, block, from, to));
  }

  /** Appends rows of a block; at most `room`. */
  append(
    rows: BlockRows,
    vectors: readonly (Vector | undefined)[],
    values: readonly TagValue[],
  ): void {
    const { selection, from, to } = rows;
    for (let i = 0; i < this.#builders.length; i++) {
      const builder = this.#builders[i]!;
      const vector = vectors[i];
      if (vector === undefined) builder.appendValue(values[i]!, to - from);
      else if (selection === undefined) builder.appendRange(vector, from, to);
      else builder.appendSelected(vector, selection, from, to);
    }
    this.#rows += to - from;
  }

  /** The rows so far, sharing memory with the builders. */
  vectors(): Vector[] {
    return this.#builders.map((builder) => builder.finish());
  }

  /** The batch so far, encoded; begins a new one. */
  take(): Uint8Array {
    const bytes = encodeBatch({ rows: this.#rows, columns: this.vectors() });
    for (const builder of this.#builders) builder.reset();
    this.#rows = 0;
    return bytes;
  }
}

function valueOfTable(output: RowOutput, table: ScanTable): TagValue {
  switch (output.kind) {
    case 'tag':
      return table.tag(output.colId);
    case 'tbname':
      return encoder.encode(table.name);
    case 'constant':
      return typeof output.value === 'string' ? encoder.encode(output.value) : output.value;
    default:
      return null;
  }
}

function vectorOfBlock(
  output: RowOutput,
  block: ScanBlock,
  from: number,
  to: number,
): Vector | undefined {
  switch (output.kind) {
    case 'time':
      return { kind: 'f64', data: block.ts(), nullCount: 0 };
    case 'column':
      return block.column(output.index);
    case 'arithmetic': {
      const data = evaluateArithmetic(output.expression, (index) => block.column(index), from, to);
      return { kind: 'f64', data, nullCount: -1 };
    }
    default:
      return undefined;
  }
}
