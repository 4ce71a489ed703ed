/** `dump_result.txt`: what each run did, appended, in the words of 2.1.2. */
import { appendFileSync } from 'node:fs';
import { DumpError } from '../dump-error.ts';

/** What a run counted. */
export interface Totals {
  databases: number;
  stables: number;
  tables: number;
  rows: number;
}

/** Appends a run's block to `file`. */
export function appendResult(
  file: string,
  {
    title,
    settings,
    totals,
    begun,
  }: {
    readonly title: 'DUMP OUT' | 'DUMP IN' | 'VERIFY';
    readonly settings: readonly (readonly [string, string])[];
    readonly totals: Totals;
    readonly begun: Date;
  },
): void {
  const rule = '='.repeat(30);
  const lines = [
    '#'.repeat(77),
    `${rule} arguments config ${rule}`,
    ...settings.map(([name, value]) => `${name}: ${value}`),
    `${rule} ${title} ${rule}`,
    `# start time:               ${begun.toISOString()}`,
    `# end time:                 ${new Date().toISOString()}`,
    `${rule} TOTAL STATISTICS ${rule}`,
    ...totalLines(totals),
    '',
  ];
  try {
    appendFileSync(file, `${lines.join('\n')}\n`);
  } catch (error) {
    throw new DumpError(`the result file ${file} cannot be written: ${(error as Error).message}`);
  }
}

/** The counts, a line each. */
export function totalLines({ databases, stables, tables, rows }: Totals): readonly string[] {
  return [
    `# total database count:     ${databases}`,
    `# total super table count:  ${stables}`,
    `# total table count:        ${tables}`,
    `# total row count:          ${rows}`,
  ];
}
