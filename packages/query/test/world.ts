/** A small database for tests of whole queries: tables spread over vgroups, SQL in, plain values out. */
import { vectorValue } from '@tdnode/common';
import type { Column, SqlType, TagValue } from '@tdnode/common';
import { parseStatement } from '@tdnode/sql';
import { planSelect, runFragment, runPlan } from '../src/index.ts';
import type { PlanColumn, PlanEnvironment, PlanHost, PlanTable } from '../src/index.ts';
import { ArrayScan } from './array-scan.ts';
import type { ArrayRow, ArrayScanOptions, ArrayTable } from './array-scan.ts';

export const STABLE_UID = 1;
export const NOW = 1_700_000_000_000;

export interface WorldTable {
  readonly name: string;
  readonly tags: readonly TagValue[];
  readonly rows: readonly ArrayRow[];
  /** Which vgroup holds it. */
  readonly vgId: number;
}

export interface World {
  readonly columns: readonly Column[];
  readonly tags: readonly Column[];
  /** Children of the stable `st`. */
  readonly tables: readonly WorldTable[];
  readonly options: ArrayScanOptions;
  readonly environment?: Partial<PlanEnvironment>;
}

export type Value = null | number | bigint | string;

export interface Answer {
  readonly columns: readonly PlanColumn[];
  readonly rows: readonly Value[][];
  /** One a vgroup, by number. */
  readonly scans: ReadonlyMap<number, ArrayScan>;
}

/** A column. */
export function column(name: string, type: SqlType, colId: number, bytes = 8): Column {
  return { name, type, bytes, colId };
}

/** What planning sees of a world. */
export function environmentOf(world: World): PlanEnvironment {
  const schema = { version: 1, columns: world.columns, tags: world.tags };
  const find = (name: string): PlanTable | undefined => {
    // `st2` is the same stable once more, so that it can be joined with itself.
    if (name === 'st' || name === 'st2') {
      return { uid: STABLE_UID, db: 'd', name, kind: 'stable', vgId: 0, schema };
    }
    const at = world.tables.findIndex((table) => table.name === name);
    const table = world.tables[at];
    if (table === undefined) return undefined;
    return { uid: at + 2, db: 'd', name, kind: 'child', vgId: table.vgId, schema };
  };
  return {
    table: (_db, name) => find(name),
    vgroups: () => vgroupsOf(world),
    db: 'd',
    user: 'root',
    version: '2.1.2.0',
    precision: 'ms',
    timeZone: { name: 'UTC', offsetMs: () => 0 },
    now: NOW,
    keepColumnName: false,
    memoryBudgetBytes: 64 << 20,
    ...world.environment,
  };
}

function vgroupsOf(world: World): number[] {
  return [...new Set([2, ...world.tables.map((table) => table.vgId)])];
}

/** The vnode of one vgroup. */
export function scanOf(world: World, vgId: number): ArrayScan {
  const tables = world.tables.flatMap((table, i): ArrayTable[] =>
    table.vgId === vgId
      ? [
          {
            uid: i + 2,
            name: table.name,
            stableUid: STABLE_UID,
            tags: table.tags,
            columns: world.columns,
            rows: table.rows,
          },
        ]
      : [],
  );
  return new ArrayScan(tables, world.options);
}

/** Runs a SELECT as coordinator and vnodes would. */
export async function query(sql: string, world: World): Promise<Answer> {
  const statement = parseStatement(sql);
  if (statement.kind !== 'select') throw new Error('a select is wanted');
  const plan = planSelect(statement, environmentOf(world));
  const scans = new Map(vgroupsOf(world).map((vgId) => [vgId, scanOf(world, vgId)]));
  const host: PlanHost = {
    open: (target) => stream(structuredClone(target.fragment), scans.get(target.vgId)!),
    pause: () => Promise.resolve(),
  };
  const rows: Value[][] = [];
  for await (const batch of runPlan(plan, host)) {
    for (let row = 0; row < batch.rows; row++) {
      rows.push(batch.columns.map((vector) => plain(vectorValue(vector, row))));
    }
  }
  return { columns: plan.columns, rows, scans };
}

async function* stream(fragment: object, scan: ArrayScan): AsyncGenerator<Uint8Array> {
  for (const bytes of runFragment(fragment, scan)) {
    if (bytes === undefined) await Promise.resolve();
    else yield bytes;
  }
}

function plain(value: TagValue): Value {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
}

/** UTF-8 bytes. */
export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
