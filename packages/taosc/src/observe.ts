/**
 * What the coordinator tells of each statement that is over: for counts, latencies and the log of slow queries. An observer
 * is called once a statement, after its last batch, and must not throw.
 */
import type { Batch, Clock } from '@tdnode/common';
import { TaosError } from '@tdnode/common';
import type { SqlResult } from './sql-service.ts';
import type { StatementKind } from './statement-kind.ts';

/** One statement that is over. */
export interface StatementEvent {
  readonly kind: StatementKind;
  readonly user: string;
  /** Its first bytes, KEPT_BYTES at most of a query; valid during the call only. */
  readonly sql: Uint8Array;
  /** When it came, ms since 1970. */
  readonly createdAt: number;
  /** From its coming to its last batch, ms with fractions. */
  readonly elapsedMs: number;
  /** 0, or the code of the error it ended with; an error that is not TDengine's counts as -1. */
  readonly code: number;
  /** Rows written or answered. */
  readonly rows: number;
}

/** How much of a query outlives the request that brought it. */
const KEPT_BYTES = 1024;

/** Hears of every statement. */
export type StatementObserver = (event: StatementEvent) => void;

/** A statement whose end is not known yet. */
export interface Begun {
  readonly kind: StatementKind;
  readonly user: string;
  readonly sql: Uint8Array;
}

/** Runs one statement and tells the observer when its last batch is drawn, or it failed, or its client left. */
export async function observed(
  begun: Begun,
  run: () => Promise<SqlResult>,
  { clock, observer }: { readonly clock: Clock; readonly observer: StatementObserver },
): Promise<SqlResult> {
  const createdAt = clock.now();
  const startedAt = clock.monotonic();
  let { sql } = begun;
  const over = (code: number, rows: number): void =>
    observer({ ...begun, sql, createdAt, elapsedMs: clock.monotonic() - startedAt, code, rows });
  try {
    const result = await run();
    if (result.kind === 'rows') {
      sql = sql.slice(0, KEPT_BYTES);
      return { ...result, batches: counted(result.batches, over) };
    }
    over(0, result.rows);
    return result;
  } catch (error) {
    over(codeOf(error), 0);
    throw error;
  }
}

async function* counted(
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  over: (code: number, rows: number) => void,
): AsyncGenerator<Batch> {
  let rows = 0;
  let code = 0;
  try {
    for await (const batch of batches) {
      rows += batch.rows;
      yield batch;
    }
  } catch (error) {
    code = codeOf(error);
    throw error;
  } finally {
    over(code, rows);
  }
}

/** What an event says of an error: its code, or -1. */
export function codeOf(error: unknown): number {
  return error instanceof TaosError ? error.code : -1;
}
