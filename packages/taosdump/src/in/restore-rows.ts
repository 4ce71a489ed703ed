/** The rows of one file: read, held against the manifest, inserted. */
import path from 'node:path';
import { DumpError } from '../dump-error.ts';
import type { Cell, ColumnDef } from '../format/cell.ts';
import type { FileRecord } from '../format/manifest.ts';
import { readDataFile } from '../format/parquet-reader.ts';
import { TableDigest } from '../format/table-digest.ts';
import type { InRun } from './dump-in.ts';
import { InsertBuilder } from './insert-text.ts';
import { schemaOf } from './schema-of.ts';

/** Rows `[from, to)` of one table in columns of cells. */
export interface TableSpan {
  readonly name: string;
  readonly columns: readonly (readonly Cell[])[];
  readonly from: number;
  readonly to: number;
}

/** Inserts all rows of a file. */
export async function restoreRows(record: FileRecord, run: InRun, worker: number): Promise<void> {
  const { client, command, folder, manifest, progress } = run;
  const { rowsPerStatement: maxRows, maxSqlBytes: maxBytes } = command;
  const builder = new InsertBuilder({ maxBytes, maxRows });
  const send = async (): Promise<void> => {
    await client.execute(builder.sql, { turn: worker });
    progress.addRows(builder.rows);
    builder.reset();
  };
  const { columns } = schemaOf(manifest, record);
  for await (const span of checkedSpans(path.join(folder.path, record.file), columns, record)) {
    const table = `${record.db}.${span.name}`;
    for (let i = span.from; i < span.to; i++) {
      if (builder.add(table, span.columns, i)) continue;
      await send();
      builder.add(table, span.columns, i);
    }
  }
  if (builder.rows > 0) await send();
}

/** The rows of a file by tables; throws DumpError at its end where they are not those of the manifest. */
export async function* checkedSpans(
  file: string,
  columns: readonly ColumnDef[],
  { tables }: FileRecord,
): AsyncGenerator<TableSpan> {
  const digests = new Map(tables.map(({ name }) => [name, new TableDigest(columns.length)]));
  for await (const group of readDataFile(file, columns)) {
    for (const [name, from, to] of runsOf(group.names)) {
      const digest = digests.get(name);
      if (digest === undefined)
        throw new DumpError(`${file} has rows of ${name}, the manifest does not`);
      digest.add(group.columns, from, to);
      yield { name, columns: group.columns, from, to };
    }
  }
  for (const { name, rows, crc } of tables) {
    const digest = digests.get(name)!;
    if (digest.rows === rows && digest.hex() === crc) continue;
    throw new DumpError(
      `${file} is damaged: ${name} has ${digest.rows} rows of checksum ${digest.hex()}, it had ${rows} of ${crc}`,
    );
  }
}

/** Stretches of equal names: name, first, behind the last. */
function* runsOf(names: readonly string[]): Generator<readonly [string, number, number]> {
  let from = 0;
  for (let i = 1; i <= names.length; i++) {
    if (i < names.length && names[i] === names[from]) continue;
    yield [names[from]!, from, i];
    from = i;
  }
}
