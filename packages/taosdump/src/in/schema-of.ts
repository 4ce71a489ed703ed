/** The schema that a file's rows have. */
import { DumpError } from '../dump-error.ts';
import type { FileRecord, Manifest, TableSchemaDef } from '../format/manifest.ts';

/** Throws DumpError where the manifest does not know it. */
export function schemaOf(
  { databases }: Manifest,
  { db, schema, file }: FileRecord,
): TableSchemaDef {
  const found = databases
    .find(({ name }) => name === db)
    ?.tables.find(({ name }) => name === schema);
  if (found !== undefined) return found;
  throw new DumpError(`the manifest does not know ${db}.${schema}, which ${file} is of`);
}
