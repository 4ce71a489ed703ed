/**
 * Running a SELECT: metadata of its tables, one plan, a fragment to each vgroup, one merge.
 */
import {
  ErrorCode,
  TaosError,
  timeArithmetic,
  type Batch,
  type Clock,
  type Precision,
  type TimeZone,
} from '@tdnode/common';
import {
  planSelect,
  runPlan,
  tablesOf,
  type PlanEnvironment,
  type PlanHost,
  type PlanTable,
  type QueryPlan,
} from '@tdnode/query';
import type { DbMeta, FragmentStream, MnodeService, Session, VnodeService } from '@tdnode/rpc';
import type { Explain, SelectStatement } from '@tdnode/sql';
import type { VgId } from '@tdnode/common';
import { explain, explainAnalyze, EXPLAIN_COLUMNS } from './explain.ts';
import type { SqlResult } from './sql-service.ts';

/** What running a SELECT needs besides the statement. */
export interface SelectEnvironment {
  readonly mnode: MnodeService;
  readonly vnodes: VnodeService;
  readonly version: string;
  readonly keepColumnName: boolean;
  /** Bytes a query may hold at the coordinator and in each fragment. */
  readonly memoryBudgetBytes: number;
  readonly clock: Clock;
}

/** An answer whose rows flow when the caller draws them. */
export type SelectResult = Extract<SqlResult, { kind: 'rows' }> & {
  readonly batches: AsyncGenerator<Batch>;
};

/** Plans and starts a SELECT; aborting `signal` ends it. Throws TaosError. */
export async function executeSelect(
  statement: SelectStatement,
  session: Session & { readonly zone: TimeZone },
  environment: SelectEnvironment,
  signal: AbortSignal,
): Promise<SelectResult> {
  const plan = await makePlan(statement, session, environment);
  return {
    kind: 'rows',
    columns: plan.columns,
    precision: plan.precision,
    batches: batchesOf(plan, environment.vnodes, signal),
  };
}

/** Explains a SELECT, or runs it and tells what that took. */
export async function executeExplain(
  { select, analyze }: Explain,
  session: Session & { readonly zone: TimeZone },
  environment: SelectEnvironment,
  signal: AbortSignal,
): Promise<SelectResult> {
  const plan = await makePlan(select, session, environment);
  const { vnodes, clock } = environment;
  const batches = analyze ? explainAnalyze(plan, { vnodes, clock, signal }) : explain(plan);
  return { kind: 'rows', columns: EXPLAIN_COLUMNS, precision: plan.precision, batches };
}

/** Plans a SELECT with what the mnode knows of its tables. */
async function makePlan(
  statement: SelectStatement,
  session: Session & { readonly zone: TimeZone },
  environment: SelectEnvironment,
): Promise<QueryPlan> {
  return planSelect(statement, await planEnvironmentOf(statement, session, environment));
}

/** Fetches the metadata that a SELECT needs. */
export async function planEnvironmentOf(
  statement: SelectStatement,
  session: Session & { readonly zone: TimeZone },
  environment: SelectEnvironment,
): Promise<PlanEnvironment> {
  const metadata = await readMetadata(statement, session, environment.mnode);
  const precision = metadata.precision;
  const nowMs = environment.clock.now();
  return {
    table: (db, name) => metadata.tables.get(`${db ?? session.db ?? ''}.${name}`),
    vgroups: (db) => metadata.databases.get(db)?.vgroups.map((vgroup) => vgroup.vgId) ?? [],
    db: session.db,
    user: session.user,
    version: environment.version,
    precision,
    timeZone: session.zone,
    now: timeArithmetic(precision).fromMs(nowMs),
    keepColumnName: environment.keepColumnName,
    memoryBudgetBytes: environment.memoryBudgetBytes,
  };
}

/** Starts the fragments of a plan and merges what they answer; leaving the loop early cancels them. */
async function* batchesOf(
  plan: QueryPlan,
  vnodes: VnodeService,
  signal: AbortSignal,
): ReturnType<typeof runPlan> {
  const streams: FragmentStream[] = [];
  const cancel = (): void => streams.forEach((stream) => stream.cancel());
  const host: PlanHost = {
    open: (target) => {
      signal.throwIfAborted();
      const stream = vnodes.query(target.vgId as VgId, target.fragment);
      streams.push(stream);
      return stream;
    },
    pause: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    },
  };
  signal.addEventListener('abort', cancel);
  try {
    yield* runPlan(plan, host);
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

interface Metadata {
  readonly databases: ReadonlyMap<string, DbMeta>;
  /** By `db.name`. */
  readonly tables: ReadonlyMap<string, PlanTable>;
  readonly precision: Precision;
}

async function readMetadata(
  statement: SelectStatement,
  session: Session,
  mnode: MnodeService,
): Promise<Metadata> {
  const namesByDb = new Map<string, Set<string>>();
  for (const { db = session.db, name } of tablesOf(statement)) {
    if (db === undefined)
      throw new TaosError(ErrorCode.TSC_DB_NOT_SELECTED, undefined, {
        detail: `no database is chosen for ${name}: say use, or write db.${name}`,
      });
    const names = namesByDb.get(db);
    if (names === undefined) namesByDb.set(db, new Set([name]));
    else names.add(name);
  }
  const databases = new Map<string, DbMeta>();
  const tables = new Map<string, PlanTable>();
  let precision: Precision = 'ms';
  for (const [db, names] of namesByDb) {
    const meta = await mnode.database(db);
    if (meta === undefined) continue;
    databases.set(db, meta);
    precision = meta.options.precision;
    const list = [...names];
    const found = await mnode.tables(db, list);
    found.forEach((table, i) => {
      if (table !== undefined) tables.set(`${db}.${list[i]!}`, table);
    });
  }
  return { databases, tables, precision };
}
