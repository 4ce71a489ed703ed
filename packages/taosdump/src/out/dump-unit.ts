/** One file of rows: table after table, with its rows counted and summed. What breaks off is begun again. */
import { NetworkError } from '@tdnode/rpc';
import { CsvFile } from '../format/csv-file.ts';
import { DataFile } from '../format/parquet-writer.ts';
import { TableDigest } from '../format/table-digest.ts';
import type { OutRun } from './dump-out.ts';
import type { Unit } from './plan-units.ts';
import { unitRows } from './unit-rows.ts';

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
  const digests = new Map(
    unit.tables.map((name) => [name, new TableDigest(schema.columns.length)]),
  );
  const query = { db: database.name, schema, tables: unit.tables, scope: manifest.scope };
  const onGone = (table: string): void => {
    digests.delete(table);
    run.say(`${database.name}.${table} was dropped meanwhile, it is left out`);
  };
  try {
    for await (const rows of unitRows(run.client, query, { turn, onGone })) {
      out.add(rows.table, rows.columns, rows.count);
      digests.get(rows.table)!.add(rows.columns, 0, rows.count);
      progress.addRows(rows.count);
    }
  } catch (error) {
    out.abandon();
    throw error;
  }
  const bytes = out.finish();
  const { file } = unit;
  const tables = [...digests].map(([name, digest]) => ({
    name,
    rows: digest.rows,
    crc: digest.hex(),
  }));
  folder.addProgress({ file, db: database.name, schema: schema.name, kind: 'rows', bytes, tables });
  progress.addFile();
}
