/**
 * Aim: what the real server answered to definitions and `show`, statement by statement. Method: the golden
 * areas run against an mnode with fake vnodes; statements on rows are left out. Comparing is conformance's own.
 */
import { readdirSync } from 'node:fs';
import type { Session } from '@tdnode/rpc';
import { expect, test } from 'vitest';
// @ts-expect-error plain JavaScript without types
import { compare, readJsonl, sqlOf } from '../../../conformance/lib.mjs';
import { defaultMnodeConfig, type MnodeConfig } from './config.ts';
import { answerOf, openHarness, type Answer } from './testing/harness.ts';

interface GoldenStatement {
  readonly id: string;
  readonly sql?: string;
  readonly url?: string;
  readonly auth?: { readonly user: string; readonly password: string } | null;
  readonly bug?: string;
  readonly sqlHex?: string;
  readonly httpStatus?: number;
  readonly raw?: string;
  readonly expect?: { readonly desc?: string };
}

const folder = new URL('../../../conformance/corpus/', import.meta.url).pathname;
const areas = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));

/** Statements that the mnode answers by itself. */
const isDefinition = /^\s*(create|drop|alter|show|describe|desc|use|reset|kill|syncdb|compact)\b/i;
/** An insert that may make a table: the coordinator asks for it before it writes rows. */
const autocreate = /^\s*insert\s+into\s+(\w+)\s+using\s+(\w+)\s+tags\s*\((\d+)\)\s*values/i;
/** Areas in which inserts with more than one tag make tables. */
const rowDependent = new Set(['autocreate.jsonl']);

function configOf(header: { readonly config: Partial<MnodeConfig['placement']> }): MnodeConfig {
  return {
    ...defaultMnodeConfig,
    placement: { ...defaultMnodeConfig.placement, ...header.config },
  };
}

interface Recorded {
  readonly data: readonly (readonly [string, string])[];
}

/** What the real server's configuration was. */
function recordedVariables(): readonly (readonly [string, string])[] {
  const statements = readJsonl(`${folder}show.jsonl`) as (GoldenStatement & { expect: Recorded })[];
  return statements.find((statement) => statement.sql === 'show variables')!.expect.data;
}

/** The statement's text, when the mnode can answer it alone. */
function definitionOf(statement: GoldenStatement): string | undefined {
  const sql = sqlOf(statement) as string | undefined;
  const special =
    statement.url !== undefined ||
    statement.bug !== undefined ||
    statement.auth === null ||
    statement.sqlHex !== undefined;
  return special || sql === undefined || !(isDefinition.test(sql) || autocreate.test(sql))
    ? undefined
    : sql;
}

/** Why the answer is not the recorded one, or undefined. */
function difference(statement: GoldenStatement, answer: Answer): string | undefined {
  const { raw: _raw, httpStatus: _status, ...plain } = statement;
  const body = Buffer.from(JSON.stringify(answer));
  const verdict = compare(plain, { status: 200, headers: {}, body }) as {
    ok: boolean;
    why?: string;
    desc?: boolean;
  };
  if (!verdict.ok) return verdict.why;
  return verdict.desc === false
    ? `text: ${answer.desc}, expected ${statement.expect?.desc}`
    : undefined;
}

test.each(areas.filter((area) => !rowDependent.has(area)))('%s', async (file) => {
  const [header, ...statements] = readJsonl(folder + file) as [never, ...GoldenStatement[]];
  const { mnode } = await openHarness({ config: configOf(header), variables: recordedVariables() });
  const failures: string[] = [];
  let db: string | undefined;
  for (const statement of statements) {
    const sql = definitionOf(statement);
    if (sql === undefined) continue;
    const session: Session = { user: statement.auth?.user ?? 'root', db, timezone: 'UTC' };
    const made = autocreate.exec(sql);
    if (made !== null) {
      const [, name, stable, tag] = made as unknown as [string, string, string, string];
      if (db !== undefined)
        await mnode
          .ensureChildTables(db, stable, [{ name, tags: [Number(tag)] }], session)
          .catch(() => {});
      continue;
    }
    const answer = await answerOf(mnode, sql, session);
    const used = /^\s*use\s+['"]?(\w+)/i.exec(sql);
    if (used !== null && answer.status === 'succ') db = used[1]!.toLowerCase();
    const why = difference(statement, answer);
    if (why !== undefined) failures.push(`${statement.id} ${sql.slice(0, 100)}\n   ${why}`);
  }
  await mnode.close();
  expect(failures.join('\n')).toBe('');
});
