/** `-s file`: the statements of a file, one after the other, each with its time. */
import { readFileSync } from 'node:fs';
import { TaosError } from '@tdnode/common';
import type { ScriptJob } from '../job.ts';
import { JobError } from '../job-error.ts';
import type { Run } from './insert-job.ts';

/** Does all of it; throws at the first statement that fails. */
export async function runScriptJob({ file, database }: ScriptJob, run: Run): Promise<void> {
  const { doors, terminal, stop } = run;
  const door = doors.door('taosc');
  for (const { text, line } of statementsOf(readScript(file))) {
    if (stop.isAsked) return;
    const started = performance.now();
    try {
      const options = database === undefined ? { turn: 0 } : { turn: 0, db: database };
      const { rows } = await door.rows(text, options);
      for (const row of rows) terminal.line(row.map((value) => String(value ?? 'NULL')).join('\t'));
      const seconds = ((performance.now() - started) / 1000).toFixed(6);
      terminal.line(`${text} took ${seconds} second(s), ${rows.length} row(s)`);
    } catch (error) {
      if (!(error instanceof TaosError)) throw error;
      throw new JobError(
        `${file}:${line}: ${error.message}${error.detail ? ` (${error.detail})` : ''}`,
      );
    }
  }
}

/** Statements end with a semicolon at the end of a line; lines that begin with # or -- are notes. */
export function statementsOf(text: string): { readonly text: string; readonly line: number }[] {
  const statements: { text: string; line: number }[] = [];
  let open: { text: string; line: number } | undefined;
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const words = raw.trim();
    if (words === '' || (open === undefined && /^(#|--)/.test(words))) continue;
    open =
      open === undefined
        ? { text: words, line: i + 1 }
        : { ...open, text: `${open.text} ${words}` };
    if (!words.endsWith(';')) continue;
    statements.push({ ...open, text: open.text.replace(/[\s;]+$/, '') });
    open = undefined;
  }
  if (open !== undefined) statements.push(open);
  return statements;
}

function readScript(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new JobError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
