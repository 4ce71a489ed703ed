/**
 * Replays areas of the conformance corpus against a running server. Statements whose recorded answer is wrong
 * are listed with the reason in `conformance/disputed.json`.
 */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Taosd } from './harness.ts';

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../conformance');

export interface CorpusStatement {
  readonly id: string;
  readonly sql?: string;
  readonly expect: { readonly status: string; readonly desc?: string } | null;
  readonly bug?: string;
  readonly pause?: number;
}

interface CorpusHead {
  readonly area: string;
  readonly config: Record<string, number>;
  readonly config_group: string;
}

interface Checker {
  readJsonl(file: string): unknown[];
  sendRetry(
    base: string,
    statement: CorpusStatement,
    auth: object,
    timeoutMs: number,
  ): Promise<unknown>;
  compare(statement: CorpusStatement, got: unknown): { ok: boolean; why?: string; desc?: boolean };
}

const checker = (await import(path.join(folder, 'lib.mjs'))) as Checker;

export interface Area {
  readonly name: string;
  readonly config: Record<string, number>;
  readonly group: string;
  readonly statements: readonly CorpusStatement[];
}

/** All areas, by name. */
export function readAreas(): Map<string, Area> {
  const areas = new Map<string, Area>();
  for (const file of readdirSync(path.join(folder, 'corpus')).sort()) {
    const [head, ...statements] = checker.readJsonl(path.join(folder, 'corpus', file));
    const { area, config, config_group: group } = head as CorpusHead;
    areas.set(area, { name: area, config, group, statements: statements as CorpusStatement[] });
  }
  return areas;
}

/** Statement id → why its recorded answer is wrong. */
export function readDisputed(): Map<string, string> {
  const text = readFileSync(path.join(folder, 'disputed.json'), 'utf8');
  return new Map(Object.entries(JSON.parse(text) as Record<string, string>));
}

export interface AreaResult {
  readonly passed: Set<string>;
  readonly failed: Map<string, string>;
}

export interface ReplayOptions {
  /** Stop and start the server after this many statements, so that answers come from files. */
  readonly reopenEvery?: number;
  /** Other dnodes of the cluster: statements go to `taosd` and to these in turn, and what `use` says to all. */
  readonly others?: readonly Taosd[];
}

/** Replays one area; known mistakes of the recorded server are sent but not counted. */
export async function replay(
  taosd: Taosd,
  area: Area,
  options: ReplayOptions = {},
): Promise<AreaResult> {
  const passed = new Set<string>();
  const failed = new Map<string, string>();
  const auth = { user: 'root', password: 'taosdata' };
  let lastUse: string | undefined;
  let sinceReopen = 0;
  let turn = 0;
  const dnodes = [taosd, ...(options.others ?? [])];
  for (const statement of area.statements) {
    if (options.reopenEvery !== undefined && ++sinceReopen > options.reopenEvery) {
      sinceReopen = 0;
      await taosd.stop();
      await taosd.start();
      if (lastUse !== undefined) await taosd.sql(lastUse);
    }
    if (statement.pause !== undefined) await new Promise((r) => setTimeout(r, statement.pause));
    const asked = dnodes[turn++ % dnodes.length]!;
    const got = await checker.sendRetry(asked.rest, statement, auth, 60_000);
    if (statement.sql !== undefined && /^\s*use\s/i.test(statement.sql)) {
      lastUse = statement.sql;
      for (const dnode of dnodes)
        if (dnode !== asked) await checker.sendRetry(dnode.rest, statement, auth, 60_000);
    }
    if (statement.bug !== undefined) continue;
    const verdict = checker.compare(statement, got);
    if (verdict.ok) passed.add(statement.id);
    else failed.set(statement.id, `${statement.sql ?? '(bytes)'}\n    ${verdict.why ?? ''}`);
  }
  return { passed, failed };
}
