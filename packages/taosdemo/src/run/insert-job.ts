/** An insert run from its first statement to its summary: databases, stables, tables, rows. */
import { readFileSync } from 'node:fs';
import { CellPool } from '../generate/cell-pool.ts';
import { cellLines } from '../generate/lines.ts';
import { rowSource } from '../generate/row-source.ts';
import type { DatabaseJob, InsertJob, TableJob } from '../job.ts';
import { JobError } from '../job-error.ts';
import { Latencies } from '../report/latencies.ts';
import { summaryLines } from '../report/summary.ts';
import type { Terminal } from '../report/terminal.ts';
import { askAggregates } from './aggregates.ts';
import { createDatabaseSql, createStableSql, createTables, TableFamily } from './create.ts';
import type { Door } from './door.ts';
import { insertRows, type InsertTotals, type TableList } from './insert.ts';
import type { Doors } from './open-doors.ts';
import { vgroupLine, watchVgroups } from './vgroup-watch.ts';
import type { Stop } from './workers.ts';

/** What runs one job. */
export interface Run {
  readonly doors: Doors;
  readonly terminal: Terminal;
  readonly stop: Stop;
}

/** Does all of it. */
export async function runInsertJob(job: InsertJob, run: Run): Promise<void> {
  const families: TableFamily[][] = [];
  for (const database of job.databases) {
    families.push(database.tables.map((tables) => familyOf(database, tables, job.seed)));
  }
  await createAll(job, run, families);
  for (const [d, database] of job.databases.entries()) {
    for (const family of families[d]!) {
      if (!run.stop.isAsked) await insertInto(family, database, { job, run });
    }
  }
  if (!job.thenAsks) return;
  for (const family of families.flat()) await askAggregates(family, run);
}

function familyOf({ name }: DatabaseJob, tables: TableJob, seed: number): TableFamily {
  const { tagsFile, tags } = tables;
  const tagLines =
    tagsFile === undefined ? undefined : cellLines(readText(tagsFile), tags, tagsFile);
  return new TableFamily(name, tables, { seed, tagLines });
}

async function createAll(job: InsertJob, run: Run, families: TableFamily[][]): Promise<void> {
  const { doors, terminal, stop } = run;
  const door = doors.door('taosc');
  const started = performance.now();
  let made = 0;
  for (const [d, database] of job.databases.entries()) {
    if (database.drop) await door.change(`drop database if exists ${database.name}`, 0);
    await door.change(createDatabaseSql(database), 0);
    for (const family of families[d]!) {
      const { isNormal, childTablesExist, autoCreate, childCount, stable } = family.job;
      if (!isNormal) await door.change(createStableSql(database.name, family.job), 0);
      if (childTablesExist || autoCreate || stop.isAsked) continue;
      const progress = terminal.progress(`create ${database.name}.${stable}`, childCount, 'tables');
      const create = () =>
        createTables(family, { door, threads: job.createThreads, stop, progress });
      const count = job.watchesVgroups
        ? await watchVgroups(database.name, { door, terminal }, create)
        : await create();
      made += count;
      progress.stop();
    }
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(4);
  terminal.line('');
  terminal.line(
    `Spent ${seconds} seconds to create ${made} tables with ${job.createThreads} thread(s)`,
  );
}

async function insertInto(
  family: TableFamily,
  database: DatabaseJob,
  { job, run }: { readonly job: InsertJob; readonly run: Run },
): Promise<void> {
  const { terminal, doors, stop } = run;
  const door = doors.door(family.job.via);
  const tables = await tableList(family, doors.door('taosc'));
  const total = tables.count * family.job.insertRows;
  if (total === 0) return;
  const source = rowSource(family.job, database.precision, {
    seed: job.seed,
    sample: sampleOf(family.job),
  });
  const into = `${family.db}.${family.job.isNormal ? family.job.prefix : family.job.stable}`;
  const progress = terminal.progress(`insert ${into}`, total, 'rows');
  const totals: InsertTotals = { rows: 0, affected: 0, latencies: new Latencies() };
  const { threads, rowsPerRequest } = job;
  const onProgress = (): void => {
    progress.update(totals.rows, `avg ${totals.latencies.meanMs.toFixed(1)} ms a request`);
  };
  const started = performance.now();
  try {
    await insertRows({
      family,
      source,
      door,
      threads,
      rowsPerRequest,
      stop,
      tables,
      totals,
      onProgress,
    });
  } finally {
    progress.stop();
    const seconds = (performance.now() - started) / 1000;
    for (const line of summaryLines(totals, { seconds, threads, into })) terminal.line(line);
  }
  if (job.watchesVgroups) terminal.line(await vgroupLine(family.db, doors.door('taosc')));
}

/** The tables made by this run, or those that were there before, by name. */
async function tableList(family: TableFamily, door: Door): Promise<TableList> {
  const { childTablesExist, childCount, childLimit, childOffset, stable } = family.job;
  if (!childTablesExist) return { count: childCount, name: (index) => family.name(index) };
  const limit = childLimit < 0 ? '' : ` limit ${childLimit} offset ${childOffset}`;
  const { rows } = await door.rows(`select tbname from ${family.db}.${stable}${limit}`, {
    turn: 0,
  });
  if (rows.length === 0) throw new JobError(`${family.db}.${stable} has no child tables to write`);
  return { count: rows.length, name: (index) => `${family.db}.${String(rows[index]![0])}` };
}

function sampleOf({ sampleFile, columns }: TableJob): CellPool | undefined {
  if (sampleFile === undefined) return undefined;
  return CellPool.of(cellLines(readText(sampleFile), columns, sampleFile));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new JobError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
