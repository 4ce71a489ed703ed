/**
 * Statements that kill or hang the recorded server (`conformance/must-survive.jsonl`): any sound answer or
 * error will do, and the server lives on. Each runs on the tables that its area makes.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { readAreas, replay } from './corpus.ts';
import { startTaosd } from './harness.ts';

const file = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../../../conformance/must-survive.jsonl',
);
const lines = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as { readonly area: string; readonly sql: string });

const taosd = await startTaosd();
afterAll(() => taosd.dispose());
const areas = readAreas();

for (const name of new Set(lines.map((line) => line.area))) {
  test(`${name}: the server answers, and lives on`, async () => {
    const area = areas.get(name)!;
    const isDrop = area.statements.map(({ sql }) => /^\s*drop database (?!if)/i.test(sql ?? ''));
    const end = isDrop.lastIndexOf(true);
    await replay(taosd, {
      ...area,
      statements: area.statements.slice(0, end < 0 ? undefined : end),
    });
    for (const { sql } of lines.filter((line) => line.area === name)) {
      const answer = await taosd.sql(sql);
      expect(['succ', 'error'], sql).toContain(answer.status);
      expect((await taosd.sql('select server_status()')).data).toEqual([[1]]);
    }
  });
}
