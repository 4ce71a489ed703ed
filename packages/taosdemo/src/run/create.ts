/** Databases, stables and tables as statements, and the making of them. */
import { seededRandom } from '@tdnode/common';
import { tagCell } from '../generate/random-cells.ts';
import type { ColumnSpec, DatabaseJob, TableJob } from '../job.ts';
import type { Progress } from '../report/terminal.ts';
import type { Door } from './door.ts';
import { runWorkers, shareOf, type Stop } from './workers.ts';

/** `create database …`. */
export function createDatabaseSql({ name, options }: DatabaseJob): string {
  const words = options.map(([option, value]) => `${option} ${value}`);
  return ['create database if not exists', name, ...words].join(' ');
}

/** `create table … tags …`. */
export function createStableSql(db: string, { stable, columns, tags }: TableJob): string {
  return `create table if not exists ${db}.${stable} (ts timestamp, ${declared(columns)}) tags (${declared(tags)})`;
}

function declared(columns: readonly ColumnSpec[]): string {
  return columns
    .map(({ name, type, width }) => {
      const length = type === 'BINARY' || type === 'NCHAR' ? `(${width})` : '';
      return `${name} ${type.toLowerCase()}${length}`;
    })
    .join(', ');
}

/** Which tables a job writes, and how they are made. */
export class TableFamily {
  readonly db: string;
  readonly job: TableJob;
  readonly #seed: number;
  readonly #tagLines: readonly string[] | undefined;

  /** `tagLines`: of the tags file. */
  constructor(
    db: string,
    job: TableJob,
    { seed, tagLines }: { readonly seed: number; readonly tagLines: readonly string[] | undefined },
  ) {
    this.db = db;
    this.job = job;
    this.#seed = seed;
    this.#tagLines = tagLines;
  }

  /** `db.d7`. */
  name(child: number): string {
    return `${this.db}.${this.job.prefix}${child}`;
  }

  /** `using db.meters tags (…)`; the same for the same seed. */
  using(child: number): string {
    return `using ${this.db}.${this.job.stable} tags (${this.#tags(child)})`;
  }

  /** One table of a `create table` statement. */
  clause(child: number): string {
    const { isNormal, columns } = this.job;
    return isNormal
      ? `if not exists ${this.name(child)} (ts timestamp, ${declared(columns)})`
      : `if not exists ${this.name(child)} ${this.using(child)}`;
  }

  #tags(child: number): string {
    if (this.#tagLines !== undefined) return this.#tagLines[child % this.#tagLines.length]!;
    const random = seededRandom(this.#seed + child);
    return this.job.tags.map((tag) => tagCell(tag, child, random)).join(',');
  }
}

/** Makes all tables of a family; resolves with their number. */
export async function createTables(
  family: TableFamily,
  {
    door,
    threads,
    stop,
    progress,
  }: {
    readonly door: Door;
    readonly threads: number;
    readonly stop: Stop;
    readonly progress: Progress;
  },
): Promise<number> {
  const { childCount, createBatch, isNormal } = family.job;
  const batch = isNormal ? 1 : createBatch;
  let done = 0;
  await runWorkers(Math.min(threads, childCount), stop, async (worker, goesOn) => {
    const [from, to] = shareOf(childCount, worker, Math.min(threads, childCount));
    for (let child = from; child < to && goesOn();) {
      const [sql, next] = createSql(family, child, Math.min(to, child + batch));
      await door.change(sql, worker);
      done += next - child;
      child = next;
      progress.update(done, '');
    }
  });
  return done;
}

/** One statement for tables from `from` on, up to `to` or the statement's limit; and where the next one begins. */
function createSql(family: TableFamily, from: number, to: number): readonly [string, number] {
  const clauses: string[] = [];
  let length = 'create table'.length;
  let child = from;
  for (; child < to; child++) {
    const clause = family.clause(child);
    length += 1 + Buffer.byteLength(clause);
    if (clauses.length > 0 && length > family.job.maxSqlBytes) break;
    clauses.push(clause);
  }
  return [`create table ${clauses.join(' ')}`, child];
}
