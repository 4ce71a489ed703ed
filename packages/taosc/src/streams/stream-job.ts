/**
 * One continuous query at work: how far its table is, what its windows are, and the run of some windows.
 *
 * How far it is, the table itself says: after a restart, or on another dnode, windows go on behind its last row. A run
 * writes its windows as one record of the log, and rows are keyed by their window: nothing is half done, and what
 * two dnodes should ever write both is there once.
 */
import { ErrorCode, TaosError, assert, ticksPerSecond, timeZone } from '@tdnode/common';
import type { Clock, TimeZone } from '@tdnode/common';
import { planStream, type PlanEnvironment, type StreamPlan } from '@tdnode/query';
import type { Session, StreamDefinition, TableMeta } from '@tdnode/rpc';
import { parseStatement, type Expression, type SelectStatement } from '@tdnode/sql';
import { oneCall, oneNumber } from '../one-call.ts';
import { executeSelect, planEnvironmentOf, type SelectEnvironment } from '../select.ts';
import {
  emptyPayload,
  joinPayloads,
  resultColumns,
  resultPayload,
  rowsBetween,
  timesOf,
} from './result-rows.ts';
import { windowAfter, windowAt, type StreamCourse, type StreamStep } from './schedule.ts';

/** Most windows of one run, and so of one record of the log. */
const WINDOWS_MAX = 4096;
const MS_PER_DAY = 86_400_000;

type RunStep = Extract<StreamStep, { kind: 'run' }>;
type StreamSession = Session & { readonly zone: TimeZone };

/** See the head of this file. */
export class StreamJob {
  readonly #environment: SelectEnvironment;
  readonly #definition: StreamDefinition;
  readonly #session: StreamSession;
  readonly #plan: StreamPlan;
  #course: StreamCourse;

  /** Looks up where the windows go on; throws TaosError when the table or what it is made from is not as it was. */
  static async open(
    definition: StreamDefinition,
    environment: SelectEnvironment,
    signal: AbortSignal,
  ): Promise<StreamJob> {
    const session = sessionOf(definition);
    const then = { ...environment, clock: clockAt(definition.created, environment.clock) };
    const planEnvironment = await planEnvironmentOf(selectOf(definition), session, then);
    const plan = planStream(selectOf(definition), planEnvironment);
    const table = await targetOf(definition, environment);
    resultColumns(table, plan.columns);
    const course = await courseOf(
      { definition, environment, plan, planEnvironment, table },
      signal,
    );
    return new StreamJob(definition, then, { session, plan, course });
  }

  private constructor(
    definition: StreamDefinition,
    environment: SelectEnvironment,
    parts: {
      readonly session: StreamSession;
      readonly plan: StreamPlan;
      readonly course: StreamCourse;
    },
  ) {
    this.#definition = definition;
    this.#environment = environment;
    this.#session = parts.session;
    this.#plan = parts.plan;
    this.#course = parts.course;
  }

  /** How far it is. */
  get course(): StreamCourse {
    return this.#course;
  }

  /** Computes and writes the windows of a step; rejects with what went wrong, and then nothing was written. */
  async run(step: RunStep, signal: AbortSignal): Promise<void> {
    const table = await targetOf(this.#definition, this.#environment);
    const payloads: Uint8Array[] = [];
    const times = new Set<number>();
    const columns = resultColumns(table, this.#plan.columns);
    const select = this.#plan.selectOf(step.from, step.rowsEnd);
    const { batches } = await executeSelect(select, this.#session, this.#environment, signal);
    for await (const batch of batches) {
      const rows = rowsBetween(batch, step.from, step.end);
      if (rows.rows === 0) continue;
      payloads.push(resultPayload(table, columns, rows));
      for (const time of timesOf(rows)) times.add(time);
    }
    if (this.#plan.fillsNull) {
      const empty = this.#windowsOf(step).filter((start) => !times.has(start));
      if (empty.length > 0) payloads.push(emptyPayload(table, empty));
    }
    signal.throwIfAborted();
    if (payloads.length > 0) await this.#write(table, joinPayloads(payloads));
    const isEmpty = payloads.length === 0 && step.end < step.openFrom;
    const next = isEmpty ? await this.#nextWithRows(step, signal) : step.end;
    this.#course = { ...this.#course, next };
  }

  async #write(table: TableMeta, payload: Uint8Array): Promise<void> {
    await this.#environment.vnodes.write(table.vgId, 'submit', payload);
  }

  #windowsOf({ from, end }: RunStep): number[] {
    const starts: number[] = [];
    for (let start = from; start < end; start = this.#plan.windows.next(start)) starts.push(start);
    return starts;
  }

  /** Behind an empty run: the first window that has rows, or the first open one. */
  async #nextWithRows({ end, openFrom }: RunStep, signal: AbortSignal): Promise<number> {
    const { windows } = this.#plan;
    const [branch] = this.#plan.selectOf(end, windows.end(openFrom)).branches;
    const [source] = branch?.from ?? [];
    assert(branch !== undefined && source?.kind === 'table', 'a continuous query reads one table');
    const call = { name: 'first', column: '_c0' };
    const select = oneCall(call, source, branch.where, branch);
    const { batches } = await executeSelect(select, this.#session, this.#environment, signal);
    const time = (await oneNumber(batches)) ?? openFrom;
    return Math.max(end, Math.min(windows.first(time), openFrom));
  }
}

/** Where the windows begin: behind the last row of the table, or at the beginning. */
async function courseOf(
  parts: {
    readonly definition: StreamDefinition;
    readonly environment: SelectEnvironment;
    readonly plan: StreamPlan;
    readonly planEnvironment: PlanEnvironment;
    readonly table: TableMeta;
  },
  signal: AbortSignal,
): Promise<StreamCourse> {
  const { definition, environment, plan, planEnvironment, table } = parts;
  const { windows, from, to, looksAround } = plan;
  const ticksPerMs = ticksPerSecond(planEnvironment.precision) / 1000;
  const now = environment.clock.now() * ticksPerMs;
  const keepDays = (await environment.mnode.database(definition.db))?.options.keep[2] ?? 0;
  const oldest = windowAfter(windows, now - keepDays * MS_PER_DAY * ticksPerMs);
  const begin = windowAt(windows, from ?? planEnvironment.now);
  const last = await lastTime(table, { now, session: sessionOf(definition), environment }, signal);
  const next = Math.max(begin, oldest, last === undefined ? -Infinity : windowAfter(windows, last));
  return { windows, next, to, ticksPerMs, windowsMax: looksAround ? 1 : WINDOWS_MAX };
}

/** The time of the last row; those of the future are somebody else's. */
async function lastTime(
  { db, name, schema }: TableMeta,
  context: {
    readonly now: number;
    readonly session: StreamSession;
    readonly environment: SelectEnvironment;
  },
  signal: AbortSignal,
): Promise<number | undefined> {
  const span = { start: 0, end: 0 };
  const column = schema.columns[0]!.name;
  const where: Expression = {
    kind: 'binary',
    op: '<=',
    left: { kind: 'column', table: undefined, name: column, ...span },
    right: { kind: 'number', form: 'integer', text: String(context.now), ...span },
    ...span,
  };
  const select = oneCall({ name: 'last', column }, { db, name }, where, span);
  const { batches } = await executeSelect(select, context.session, context.environment, signal);
  return oneNumber(batches);
}

/** The table that a continuous query writes; throws 866 when it is gone. */
async function targetOf(
  { db, table, uid }: StreamDefinition,
  { mnode }: SelectEnvironment,
): Promise<TableMeta> {
  const [meta] = await mnode.tables(db, [table]);
  if (meta?.uid === uid) return meta;
  throw new TaosError(ErrorCode.MND_INVALID_TABLE_NAME, undefined, {
    detail: `there is no table ${db}.${table}`,
  });
}

function selectOf({ sql }: StreamDefinition): SelectStatement {
  const statement = parseStatement(sql);
  assert(statement.kind === 'select', 'a continuous query is a select');
  return statement;
}

function sessionOf({ user, sessionDb, timezone }: StreamDefinition): StreamSession {
  return { user, db: sessionDb, timezone, zone: timeZone(timezone) };
}

/** What `now` means in a continuous query: the time of its creation. */
function clockAt(ms: number, clock: Clock): Clock {
  return { now: () => ms, monotonic: () => clock.monotonic() };
}
