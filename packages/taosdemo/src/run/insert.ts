/**
 * Rows of a table job: each worker fills its share of the tables, one after the other, or some rows of each in turn
 * (`interlaceRows`). While a request is under way, another worker writes the next one.
 */
import { InsertStatement } from '../generate/statement.ts';
import type { RowSource } from '../generate/row-source.ts';
import type { Latencies } from '../report/latencies.ts';
import type { TableFamily } from './create.ts';
import type { Door } from './door.ts';
import { pause, runWorkers, shareOf, type Stop } from './workers.ts';

/** What was done so far; grows while it runs. */
export interface InsertTotals {
  rows: number;
  affected: number;
  readonly latencies: Latencies;
}

/** What an insert run stands on. */
export interface InsertRun {
  readonly family: TableFamily;
  readonly source: RowSource;
  readonly door: Door;
  readonly threads: number;
  readonly rowsPerRequest: number;
  readonly stop: Stop;
  /** Tables to be written, by their number behind the prefix; names where they are not `prefix` and a number. */
  readonly tables: TableList;
  readonly totals: InsertTotals;
  readonly onProgress: () => void;
}

/** The tables that rows go to. */
export interface TableList {
  readonly count: number;
  /** `db.name`. */
  name(index: number): string;
}

/** Writes all rows. */
export async function insertRows(run: InsertRun): Promise<void> {
  const workers = Math.min(run.threads, run.tables.count);
  await runWorkers(workers, run.stop, async (worker, goesOn) => {
    const [from, to] = shareOf(run.tables.count, worker, workers);
    const writer = new Writer(run, worker, goesOn);
    if (run.family.job.interlaceRows > 0) await writer.interlace(from, to);
    else await writer.fill(from, to);
  });
}

class Writer {
  readonly #run: InsertRun;
  readonly #worker: number;
  readonly #goesOn: () => boolean;
  readonly #statement: InsertStatement;

  constructor(run: InsertRun, worker: number, goesOn: () => boolean) {
    this.#run = run;
    this.#worker = worker;
    this.#goesOn = goesOn;
    this.#statement = new InsertStatement(run.source, run.family.job.maxSqlBytes);
  }

  /** One table after the other, a request never holds two. */
  async fill(from: number, to: number): Promise<void> {
    const { rowsPerRequest, family } = this.#run;
    const { insertRows: rows } = family.job;
    for (let table = from; table < to; table++) {
      for (let row = 0; row < rows && this.#goesOn();) {
        row += this.#add(table, row, Math.min(rowsPerRequest, rows - row));
        await this.#send();
      }
    }
  }

  /** Some rows of each table in turn, as many tables a request as it holds. */
  async interlace(from: number, to: number): Promise<void> {
    const { rowsPerRequest, family } = this.#run;
    const { insertRows: rows, interlaceRows } = family.job;
    const each = Math.min(interlaceRows, rowsPerRequest);
    for (let row = 0; row < rows; row += each) {
      for (let table = from; table < to && this.#goesOn(); table++) {
        await this.#addWhole(table, row, Math.min(each, rows - row));
      }
    }
    if (this.#statement.rows > 0) await this.#send();
  }

  /** `count` rows of a table, in further requests where one has no room. */
  async #addWhole(table: number, first: number, count: number): Promise<void> {
    for (let row = first; row < first + count;) {
      const room = this.#run.rowsPerRequest - this.#statement.rows;
      const added = room === 0 ? 0 : this.#add(table, row, Math.min(room, first + count - row));
      row += added;
      if (row < first + count) await this.#send();
    }
  }

  #add(table: number, row: number, count: number): number {
    const { family, tables } = this.#run;
    const using = family.job.autoCreate && row === 0 ? ` ${family.using(table)}` : '';
    const head = Buffer.from(`${tables.name(table)}${using} values `);
    return this.#statement.add(head, table, row, count);
  }

  /** Sends the statement and begins a new one. */
  async #send(): Promise<void> {
    const { door, totals, family, onProgress } = this.#run;
    const statement = this.#statement;
    if (statement.rows === 0) throw new Error('a row is longer than a statement may be');
    const started = performance.now();
    const affected = await door.change(statement.text, this.#worker);
    const ms = performance.now() - started;
    totals.affected += affected;
    totals.latencies.add(ms);
    totals.rows += statement.rows;
    statement.reset();
    onProgress();
    if (ms < family.job.intervalMs) await pause(family.job.intervalMs - ms);
  }
}
