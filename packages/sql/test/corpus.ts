/** For tests: the recorded statements of the conformance corpus, and trees without positions. */
import { readFileSync, readdirSync } from 'node:fs';
import type { Statement } from '../src/index.ts';

const folder = new URL('../../../conformance/corpus/', import.meta.url);

/** A recorded statement; `code` 0: it was executed. */
export interface Recorded {
  readonly id: string;
  readonly sql: string;
  readonly code: number;
  readonly superseded: boolean;
}

interface Line {
  readonly id?: string;
  readonly sql?: string;
  readonly sqlParts?: readonly (readonly [string, number])[];
  readonly url?: string;
  readonly bug?: unknown;
  readonly expect?: { readonly status: string; readonly code?: number } | null;
}

/** Answers of the REST door itself (authorisation, paths, bodies) begin here: their statements were never parsed. */
const FIRST_DOOR_CODE = 4352;

/** All recorded statements that reached the parser. */
export function readCorpus(): Recorded[] {
  const recorded: Recorded[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.jsonl')) continue;
    for (const text of readFileSync(new URL(file, folder), 'utf8').split('\n')) {
      if (text !== '') addLine(recorded, JSON.parse(text) as Line);
    }
  }
  return recorded;
}

function addLine(recorded: Recorded[], line: Line): void {
  const sql = line.sql ?? line.sqlParts?.map(([part, times]) => part.repeat(times)).join('');
  if (line.id === undefined || sql === undefined || !line.expect) return;
  if (line.url !== undefined && !line.url.startsWith('/rest/sql')) return;
  const code = line.expect.status === 'succ' ? 0 : (line.expect.code ?? -1);
  if (code >= FIRST_DOOR_CODE) return;
  recorded.push({ id: line.id, sql, code, superseded: line.bug !== undefined });
}

/** Whether the other parser reads it. */
export function isInsert(sql: string): boolean {
  return /^\s*(insert|import)\s/i.test(sql);
}

/** The tree as data, without positions: those move when a statement is printed. */
export function withoutSpans(tree: Statement): unknown {
  return JSON.parse(
    JSON.stringify(tree, (key, value: unknown) =>
      key === 'start' || key === 'end' ? undefined : value,
    ),
  );
}
