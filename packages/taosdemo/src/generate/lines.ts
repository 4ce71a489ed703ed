/**
 * CSV lines of `sample_file` and `tags_file`: a line is the text behind the time of a row, or between the brackets of
 * `tags (…)`. Fields of string columns may stand without quotes; everything else is taken as it is.
 */
import type { ColumnSpec } from '../job.ts';
import { JobError } from '../job-error.ts';

/** The lines as they go into statements; `file` is for errors. */
export function cellLines(text: string, columns: readonly ColumnSpec[], file: string): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new JobError(`${file} has no lines`);
  return lines.map((line, i) => cellLine(line, columns, `${file}:${i + 1}`));
}

function cellLine(line: string, columns: readonly ColumnSpec[], place: string): string {
  const fields = splitFields(line);
  if (fields.length !== columns.length) {
    throw new JobError(`${place} has ${fields.length} fields, the columns are ${columns.length}`);
  }
  return fields.map((field, i) => cell(field.trim(), columns[i]!)).join(',');
}

function cell(field: string, { type }: ColumnSpec): string {
  const isText = type === 'BINARY' || type === 'NCHAR';
  if (field === '' || /^null$/i.test(field)) return 'null';
  if (!isText || /^(['"]).*\1$/s.test(field)) return field;
  return `'${field.replaceAll(/['\\]/g, (c) => `\\${c}`)}'`;
}

/** Fields between commas that stand outside of quotes. */
function splitFields(line: string): string[] {
  const fields: string[] = [];
  let start = 0;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (quote !== '') {
      if (c === '\\') i++;
      else if (c === quote) quote = '';
    } else if (c === "'" || c === '"') quote = c;
    else if (c === ',') {
      fields.push(line.slice(start, i));
      start = i + 1;
    }
  }
  fields.push(line.slice(start));
  return fields;
}
