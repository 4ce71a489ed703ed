/** A server and a screen for tests: answers by statement, and what was written. */
import { TaosError, SqlType, f64Vector, type Batch, type StrVector } from '@tdnode/common';
import type { ResultColumn, SqlAnswer } from '@tdnode/rpc';
import type { Server } from '../connection/server.ts';
import type { Screen } from '../run/screen.ts';

/** Answers statements by a function, and keeps them. */
export class FakeServer implements Server {
  readonly asked: string[] = [];
  readonly #answer: (sql: string, signal: AbortSignal | undefined) => SqlAnswer;
  db: string | undefined;

  constructor(answer: (sql: string, signal: AbortSignal | undefined) => SqlAnswer) {
    this.#answer = answer;
  }

  async execute(sql: string, settings: { readonly signal?: AbortSignal } = {}): Promise<SqlAnswer> {
    this.asked.push(sql);
    return this.#answer(sql, settings.signal);
  }

  async close(): Promise<void> {}
}

/** Keeps what is written. */
export class FakeScreen implements Screen {
  out = '';
  err = '';
  hasReader = false;

  async write(text: string): Promise<void> {
    this.out += text;
  }

  warn(text: string): void {
    this.err += text;
  }
}

/** A column of strings. */
export function strings(values: readonly (string | null)[]): StrVector {
  const parts = values.map((value) => Buffer.from(value ?? ''));
  const offsets = new Uint32Array(values.length + 1);
  parts.forEach((part, i) => (offsets[i + 1] = offsets[i]! + part.length));
  const nulls = new Uint8Array((values.length + 7) >> 3);
  values.forEach((value, i) => {
    if (value === null) nulls[i >> 3]! |= 1 << (i & 7);
  });
  return { kind: 'str', offsets, bytes: Buffer.concat(parts), nulls, nullCount: -1 };
}

/** An answer of one column of strings. */
export function oneColumn(name: string, values: readonly string[], bytes = 32): SqlAnswer {
  return rowsOf(
    [{ name, type: SqlType.BINARY, bytes }],
    [{ rows: values.length, columns: [strings(values)] }],
  );
}

/** An answer with rows. */
export function rowsOf(columns: readonly ResultColumn[], batches: Iterable<Batch>): SqlAnswer {
  return { kind: 'rows', columns, precision: 'ms', batches };
}

/** `count` rows of one INT column `v`: 0, 1, 2, … */
export function numbers(count: number, rowsInBatch = 64): SqlAnswer {
  const batches: Batch[] = [];
  for (let from = 0; from < count; from += rowsInBatch) {
    const rows = Math.min(rowsInBatch, count - from);
    const data = Float64Array.from({ length: rows }, (_, i) => from + i);
    batches.push({ rows, columns: [f64Vector(data)] });
  }
  return rowsOf([{ name: 'v', type: SqlType.INT, bytes: 4 }], batches);
}

/** Answers an insert, as many rows as it has parentheses. */
export function inserted(sql: string): SqlAnswer {
  if (!/^insert/i.test(sql)) throw new TaosError(534);
  return { kind: 'affected', rows: [...sql.slice(sql.indexOf('values')).matchAll(/\(/g)].length };
}
