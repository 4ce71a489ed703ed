/** Child tables of a stable with their tags, many a statement. */
import path from 'node:path';
import { readDataFile } from '../format/parquet-reader.ts';
import type { FileRecord } from '../format/manifest.ts';
import type { InRun } from './dump-in.ts';
import { SqlText } from './insert-text.ts';
import { schemaOf } from './schema-of.ts';

const TABLES_PER_STATEMENT = 1000;

/** Creates those that are not there. */
export async function restoreTags(record: FileRecord, run: InRun): Promise<void> {
  const { client, command, folder, manifest } = run;
  const schema = schemaOf(manifest, record);
  const sql = new SqlText();
  let tables = 0;
  const send = async (): Promise<void> => {
    if (tables > 0) await client.execute(sql.bytes);
    sql.cut(0);
    tables = 0;
  };
  for await (const group of readDataFile(path.join(folder.path, record.file), schema.tags)) {
    for (const [i, name] of group.names.entries()) {
      if (tables === 0) sql.ascii('create table');
      sql.ascii(` if not exists ${record.db}.${name} using ${record.db}.${record.schema} tags (`);
      group.columns.forEach((cells, c) => {
        if (c > 0) sql.ascii(',');
        sql.cell(cells[i]!);
      });
      sql.ascii(')');
      tables++;
      if (tables === TABLES_PER_STATEMENT || sql.length > command.maxSqlBytes / 2) await send();
    }
  }
  await send();
}
