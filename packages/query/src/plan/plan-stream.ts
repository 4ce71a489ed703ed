/**
 * A continuous query: which table its results make, which windows it has, and the select for some of its windows.
 *
 * Each window gives one row, timed by the window's start, so that writing it twice changes nothing. What would give
 * several rows a window, or reads rows that no window bounds, is refused, as TDengine refuses it.
 */
import { invalidOperation, notSupportedYet } from '@tdnode/common';
import type { Expression, SelectBranch, SelectStatement } from '@tdnode/sql';
import { findFunction } from '../functions/table.ts';
import { windowCutter } from '../operators/window.ts';
import type { WindowCutter } from '../operators/window.ts';
import type { PlanColumn, PlanEnvironment } from './metadata.ts';
import { planSelect } from './plan-select.ts';
import { tableScope } from './scope.ts';
import { MAX_TIME, MIN_TIME, bindWhere } from './where.ts';

/** See the head of this file. */
export interface StreamPlan {
  /** Of the table that it writes: `ts`, then the results. */
  readonly columns: readonly PlanColumn[];
  readonly windows: WindowCutter;
  /** Times that its `where` lets pass, ticks, both ends included; undefined: no bound. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Windows without rows have a row of NULLs. */
  readonly fillsNull: boolean;
  /** Its results depend on neighbouring windows, so that windows that are run together differ from single ones. */
  readonly looksAround: boolean;
  /** The select over rows of times `[from, to)`, ticks; it may give windows that are not whole. */
  readonly selectOf: (from: number, to: number) => SelectStatement;
}

/** What TDengine puts into a column's name as `_`. */
const NOT_IN_NAMES = /[()*,./\\+\-% ]/g;
const NAME_BYTES_MAX = 64;

/** Families that need rows beside those of their window, or give many rows. */
const NOT_IN_STREAMS: ReadonlySet<string> = new Set(['entries', 'diff', 'interp', 'last_row']);

/** Plans a continuous query; throws TaosError for what cannot be one. `environment.now` is its time of creation. */
export function planStream(select: SelectStatement, environment: PlanEnvironment): StreamPlan {
  const branch = onlyBranch(select);
  // Starts of windows would not be exact.
  if (environment.precision === 'ns') throw notSupportedYet('continuous queries in nanoseconds');
  const scope = tableScope(onlyTable(branch), environment);
  const fillsNull = isFilledWithNull(branch);
  const bare: SelectBranch = { ...branch, fill: undefined };
  const plan = planSelect({ ...select, branches: [bare] }, environment);
  if (plan.merge.kind !== 'aggregate') throw invalidOperation(NEEDS_INTERVAL);
  const { window, functions } = plan.merge.shape;
  if (window?.kind !== 'fixed' && window?.kind !== 'calendar')
    throw invalidOperation(NEEDS_INTERVAL);
  const refused = functions.find(({ name }) => NOT_IN_STREAMS.has(findFunction(name)!.family));
  if (refused !== undefined)
    throw invalidOperation('functions not allowed in select clause', refused.name);
  const { from, to } = bindWhere(branch.where, { scope, environment, scanIndex: () => 0 });
  return {
    columns: namesOf(plan.columns),
    windows: windowCutter(window),
    from: from === MIN_TIME ? undefined : from,
    to: to === MAX_TIME ? undefined : to,
    fillsNull,
    looksAround: functions.some(({ name }) => name === 'twa'),
    selectOf: (first, end) => bounded(select, bare, { column: scope.time.name, first, end }),
  };
}

const NEEDS_INTERVAL = 'time interval is required';

function onlyBranch({ branches }: SelectStatement): SelectBranch {
  const [branch, ...more] = branches;
  if (branch === undefined || more.length > 0)
    throw invalidOperation('a continuous query is one select, without union');
  if (branch.from.length === 0) throw invalidOperation('from missing in subclause');
  if (branch.window?.kind !== 'interval') throw invalidOperation(NEEDS_INTERVAL);
  if (branch.groupBy.length > 0)
    throw invalidOperation(
      'group by not allowed in continuous query',
      'its table has one row a window: create one query a group, with the group in where',
    );
  const { orderBy, slimit, limit, having, distinct } = branch;
  const isPlain = orderBy.length === 0 && slimit === undefined && limit === undefined;
  if (!isPlain || having !== undefined || distinct)
    throw invalidOperation('order by, limit, having and distinct not allowed in continuous query');
  return branch;
}

function onlyTable({ from }: SelectBranch): Parameters<typeof tableScope>[0] {
  const [table, second] = from;
  if (table?.kind !== 'table' || second !== undefined)
    throw invalidOperation('invalid table name', 'a continuous query reads one table or stable');
  return table;
}

function isFilledWithNull({ fill }: SelectBranch): boolean {
  if (fill === undefined) return false;
  const mode = fill.mode.toLowerCase();
  if (mode !== 'none' && mode !== 'null')
    throw invalidOperation('fill option not supported in stream computing', 'none and null are');
  return mode === 'null';
}

function namesOf(heads: readonly PlanColumn[]): PlanColumn[] {
  const columns = heads.map((head) => ({ ...head, name: columnName(head.name) }));
  if (new Set(columns.map(({ name }) => name)).size < columns.length)
    throw invalidOperation(
      'duplicated column name in new table',
      'name the results apart: select avg(a) as x',
    );
  return columns;
}

/** `avg(current)` is kept in `avg_current_`. */
function columnName(head: string): string {
  const name = head.toLowerCase().replace(NOT_IN_NAMES, '_');
  return Buffer.from(name).subarray(0, NAME_BYTES_MAX).toString();
}

function bounded(
  select: SelectStatement,
  branch: SelectBranch,
  range: { readonly column: string; readonly first: number; readonly end: number },
): SelectStatement {
  const span = { start: select.start, end: select.end };
  const compare = (op: '>=' | '<', ticks: number): Expression => ({
    kind: 'binary',
    op,
    left: { kind: 'column', table: undefined, name: range.column, ...span },
    right: { kind: 'number', form: 'integer', text: String(ticks), ...span },
    ...span,
  });
  const both = (left: Expression, right: Expression): Expression => ({
    kind: 'binary',
    op: 'and',
    left,
    right,
    ...span,
  });
  const inRange = both(compare('>=', range.first), compare('<', range.end));
  const where = branch.where === undefined ? inRange : both(branch.where, inRange);
  return { ...select, branches: [{ ...branch, where }] };
}
