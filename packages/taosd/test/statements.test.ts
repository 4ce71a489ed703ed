/** The examples of the user's reference of statements, in order, on an empty server. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTaosd, type Taosd } from './harness.ts';

interface Example {
  readonly sql: string;
  /** Lines of the comment below it. */
  readonly answer: readonly string[];
}

const page = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../../../docs/sql/statements.md',
);

/** Statements end with a semicolon at the end of a line. */
function readExamples(text: string): Example[] {
  const examples: { sql: string; answer: string[] }[] = [];
  for (const [, block] of text.matchAll(/```sql\n([\s\S]*?)```/g)) {
    let statement = '';
    for (const line of block!.trimEnd().split('\n')) {
      if (line.startsWith('-- ')) {
        examples.at(-1)!.answer.push(line.slice(3));
        continue;
      }
      statement += `${line} `;
      if (!line.endsWith(';')) continue;
      examples.push({ sql: statement.trim().slice(0, -1), answer: [] });
      statement = '';
    }
  }
  return examples;
}

let taosd: Taosd;
beforeAll(async () => {
  taosd = await startTaosd({});
});
afterAll(() => taosd.dispose());

test.each(readExamples(readFileSync(page, 'utf8')))('$sql', async ({ sql, answer }) => {
  const got = await taosd.sql(sql);
  const error = /^error (\d+)$/.exec(answer[0] ?? '');
  if (error !== null) {
    expect(got).toMatchObject({ status: 'error', code: Number(error[1]) });
    return;
  }
  expect(got).toMatchObject({ status: 'succ' });
  const rows = got.data?.map((row) => JSON.stringify(row)).sort();
  if (answer.length > 0) expect(rows).toEqual([...answer].sort());
});
