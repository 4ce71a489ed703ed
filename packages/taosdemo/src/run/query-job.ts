/** A query run: statements again and again, by so many workers, with their rate and latencies. */
import { createWriteStream, type WriteStream } from 'node:fs';
import type { AnswerRows } from '@tdnode/rpc';
import type { QueryJob, QueryStatement } from '../job.ts';
import { JobError } from '../job-error.ts';
import { Latencies } from '../report/latencies.ts';
import type { Door } from './door.ts';
import type { Run } from './insert-job.ts';
import { pause, runWorkers, shareOf } from './workers.ts';

/** What stands for a child table's name. */
const PLACE = 'xxxx';

interface Asking {
  readonly job: QueryJob;
  readonly door: Door;
  readonly run: Run;
  readonly latencies: Latencies;
  readonly results: ResultFiles;
}

/** Does all of it. */
export async function runQueryJob(job: QueryJob, run: Run): Promise<void> {
  if (job.specified === undefined && job.eachTable === undefined) {
    throw new JobError('the file has neither specified_table_query nor super_table_query');
  }
  const started = performance.now();
  const results = new ResultFiles();
  const door = run.doors.door(job.via);
  const asking: Asking = { job, door, run, latencies: new Latencies(), results };
  try {
    if (job.specified !== undefined) await askSpecified(job.specified, asking);
    if (job.eachTable !== undefined) await askEachTable(job.eachTable, asking);
  } finally {
    await results.close();
    report(asking, (performance.now() - started) / 1000);
  }
}

/** Each statement by so many workers of its own. */
async function askSpecified(
  { statements, concurrent, intervalMs }: NonNullable<QueryJob['specified']>,
  asking: Asking,
): Promise<void> {
  const { stop } = asking.run;
  await runWorkers(statements.length * concurrent, stop, async (worker, goesOn) => {
    const statement = statements[Math.floor(worker / concurrent)]!;
    for (let time = 0; time < asking.job.times && goesOn(); time++) {
      const started = performance.now();
      await ask(statement, statement.sql, { asking, worker });
      await rest(started, intervalMs);
    }
  });
}

/** All statements for each child table of a stable, the tables shared out among the workers. */
async function askEachTable(
  { stable, statements, threads, intervalMs }: NonNullable<QueryJob['eachTable']>,
  asking: Asking,
): Promise<void> {
  const { job, door, run } = asking;
  const { rows } = await door.rows(`select tbname from ${job.database}.${stable}`, { turn: 0 });
  const workers = Math.min(threads, Math.max(1, rows.length));
  await runWorkers(workers, run.stop, async (worker, goesOn) => {
    const [from, to] = shareOf(rows.length, worker, workers);
    for (let time = 0; time < job.times; time++) {
      const started = performance.now();
      for (let table = from; table < to && goesOn(); table++) {
        for (const statement of statements) {
          const sql = statement.sql.replaceAll(PLACE, String(rows[table]![0]));
          await ask(statement, sql, { asking, worker });
        }
      }
      if (goesOn()) await rest(started, intervalMs);
    }
  });
}

async function ask(
  statement: QueryStatement,
  sql: string,
  { asking, worker }: { readonly asking: Asking; readonly worker: number },
): Promise<void> {
  const started = performance.now();
  const answer = await asking.door.rows(sql, { turn: worker, db: asking.job.database });
  asking.latencies.add(performance.now() - started);
  if (statement.result !== undefined)
    asking.results.append(`${statement.result}-${worker}`, answer);
}

async function rest(started: number, intervalMs: number): Promise<void> {
  const left = intervalMs - (performance.now() - started);
  if (left > 0) await pause(left);
}

function report({ latencies, run }: Asking, seconds: number): void {
  const rate = seconds > 0 ? latencies.count / seconds : 0;
  const { terminal } = run;
  terminal.line('');
  terminal.line(
    `completed total queries: ${latencies.count}, the QPS of all threads: ${rate.toFixed(3)}`,
  );
  if (latencies.count === 0) return;
  const at = (share: number): string => `${latencies.percentile(share).toFixed(2)}ms`;
  terminal.line(
    `query delay, avg: ${latencies.meanMs.toFixed(2)}ms, max: ${latencies.mostMs.toFixed(2)}ms, min: ` +
      `${latencies.leastMs.toFixed(2)}ms, p50: ${at(0.5)}, p90: ${at(0.9)}, p95: ${at(0.95)}, p99: ${at(0.99)}`,
  );
}

/** Rows of answers, tab-separated, a file a worker. */
class ResultFiles {
  readonly #files = new Map<string, WriteStream>();
  #failure: Error | undefined;

  append(name: string, { rows }: AnswerRows): void {
    if (this.#failure !== undefined) throw new JobError(this.#failure.message);
    let file = this.#files.get(name);
    if (file === undefined) {
      file = createWriteStream(name, { flags: 'a' });
      file.on('error', (error) => (this.#failure = error));
      this.#files.set(name, file);
    }
    for (const row of rows)
      file.write(`${row.map((value) => String(value ?? 'NULL')).join('\t')}\n`);
  }

  async close(): Promise<void> {
    const closing = [...this.#files.values()].map(
      (file) => new Promise<void>((resolve) => file.end(() => resolve())),
    );
    if (this.#failure === undefined) await Promise.all(closing);
    if (this.#failure !== undefined) throw new JobError(this.#failure.message);
  }
}
