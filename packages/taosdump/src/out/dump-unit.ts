/** One file of rows: table after table, with its rows counted and summed. What breaks off is begun again. */
import { NetworkError } from '@tdnode/rpc';
import { CsvFile } from '../format/csv-file.ts';
import type { TableRecord } from '../format/manifest.ts';
import { DataFile } from '../format/parquet-writer.ts';
import { TableDigest } from '../format/table-digest.ts';
import type { OutRun } from './dump-out.ts';
import type { Unit } from './plan-units.ts';
import { isGone, tableRows } from './table-rows.ts';

const ATTEMPTS = 5;

/** Writes the file and notes it. */
export async function dumpUnit(unit: Unit, run: OutRun, worker: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await writeUnit(unit, run, worker + attempt - 1);
      return;
    } catch (error) {
      if (!(error instanceof NetworkError) || attempt === ATTEMPTS) throw error;
      run.say(`${unit.file} is begun again: ${error.detail ?? error.message}`);
    }
  }
}

async function writeUnit(unit: Unit, run: OutRun, turn: number): Promise<void> {
  const { folder, manifest, progress } = run;
  const { database, schema } = unit;
  const options = {
    path: folder.place(unit.file),
    columns: schema.columns,
    precision: database.precision,
    requiredAt: 0,
    notes: { 'tdnode.db': database.name, [`tdnode.${schema.kind}`]: schema.name },
  };
  const out = manifest.scope.format === 'csv' ? new CsvFile(options) : new DataFile(options);
  const tables: TableRecord[] = [];
  try {
    for (const table of unit.tables) {
      const record = await writeTable(table, { unit, run, out, turn });
      if (record !== undefined) tables.push(record);
    }
  } catch (error) {
    out.abandon();
    throw error;
  }
  const bytes = out.finish();
  const { file } = unit;
  folder.addProgress({ file, db: database.name, schema: schema.name, kind: 'rows', bytes, tables });
  progress.addFile();
}

/** undefined: the table was dropped meanwhile. */
async function writeTable(
  table: string,
  {
    unit,
    run,
    out,
    turn,
  }: {
    readonly unit: Unit;
    readonly run: OutRun;
    readonly out: CsvFile | DataFile;
    readonly turn: number;
  },
): Promise<TableRecord | undefined> {
  const { columns } = unit.schema;
  const digest = new TableDigest(columns.length);
  const { scope } = run.manifest;
  try {
    const query = { db: unit.database.name, table, columns, scope };
    for await (const rows of tableRows(run.client, query, turn)) {
      out.add(table, rows.columns, rows.count);
      digest.add(rows.columns, 0, rows.count);
      run.progress.addRows(rows.count);
    }
  } catch (error) {
    if (!isGone(error) || digest.rows > 0) throw error;
    run.say(`${unit.database.name}.${table} was dropped meanwhile, it is left out`);
    return undefined;
  }
  return { name: table, rows: digest.rows, crc: digest.hex() };
}
