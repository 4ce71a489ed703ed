/** Which tables go to which file. A function of the manifest and the lists of child tables, so that a resumed dump plans the same. */
import type { DatabaseDef, DumpScope, TableSchemaDef } from '../format/manifest.ts';

/** One file to be written. */
export interface Unit {
  /** From the dump's folder. */
  readonly file: string;
  readonly database: DatabaseDef;
  readonly schema: TableSchemaDef;
  readonly tables: readonly string[];
}

const DIGITS = 6;
/** Unless told: files enough for workers to share, and not so many that a million tables make a million. */
const FILES = 16;
const TABLES_MOST = 1000;

/** Where the tags of a stable's child tables are. */
export function tagsFile(db: string, stable: string): string {
  return `${db}/stable/${stable}/tags.parquet`;
}

/** Files for a stable's child tables, or one for a normal table. */
export function planUnits(
  database: DatabaseDef,
  schema: TableSchemaDef,
  { children, scope }: { readonly children: readonly string[]; readonly scope: DumpScope },
): readonly Unit[] {
  const { format } = scope;
  if (schema.kind === 'normal') {
    const file = `${database.name}/normal/${schema.name}.${format}`;
    return [{ file, database, schema, tables: [schema.name] }];
  }
  const suggested = Math.min(TABLES_MOST, Math.max(1, Math.ceil(children.length / FILES)));
  const tablesPerFile = scope.tablesPerFile === 0 ? suggested : scope.tablesPerFile;
  const units: Unit[] = [];
  for (let from = 0; from < children.length; from += tablesPerFile) {
    const number = String(units.length + 1).padStart(DIGITS, '0');
    units.push({
      file: `${database.name}/stable/${schema.name}/${number}.${format}`,
      database,
      schema,
      tables: children.slice(from, from + tablesPerFile),
    });
  }
  return units;
}
