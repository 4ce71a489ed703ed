/**
 * Aggregates: which calls run in the fragments, what goes with the rows that selectors take, and how the
 * answer's columns come out of it. Columns: the window's start (or the time of a ranked row), the select
 * list, the tags grouped by.
 */
import { invalidOperation, SqlType, ticksPerSecond } from '@tdnode/common';
import { first } from '../functions/first.ts';
import type { BoundCall, BoundItem } from './bound-item.ts';
import { NO_INPUT, TIME_INPUT } from './fragment.ts';
import type {
  AggregateFragment,
  CompanionSource,
  CountTablesFragment,
  FunctionCall,
  Interpolation,
  Window,
} from './fragment.ts';
import { bindFill, fillModeOf, fillValue } from './fill.ts';
import type { FillTarget } from './fill.ts';
import { bindGroupBy, isSameName } from './group-by.ts';
import type { BoundKey } from './group-by.ts';
import { bindHaving } from './having.ts';
import type { Having } from './having.ts';
import type {
  AggregateMerge,
  AggregateOrder,
  AggregateOutput,
  AggregateShape,
  FillSpec,
  PlanColumn,
  QueryPlan,
} from './metadata.ts';
import { checkFamilies, checkStable } from './mixing.ts';
import { bindLimit, bindOrder } from './order.ts';
import type { Ordering } from './order.ts';
import { queryPlan, selectorOf } from './branch.ts';
import type { Branch } from './branch.ts';
import { planDiff } from './plan-diff.ts';
import { bareInvalid } from './refuse.ts';
import { mapInputs } from './scan-columns.ts';
import { TBNAME_BYTES } from './scope.ts';
import type { Resolved } from './scope.ts';
import { MAX_TIME, MIN_TIME } from './where.ts';
import { bindWindow } from './window.ts';

/** Plans a query with functions. */
export function planAggregate(branch: Branch): QueryPlan {
  const { clauses, items, scope, columns, where, environment } = branch;
  if (items.some((item) => item.kind === 'count-tables')) return planCountTables(branch);
  const keys = bindGroupBy(branch);
  const listed = collectCalls(items);
  const having = bindHaving(clauses.having, branch, listed.length);
  const calls = [...listed, ...(having?.calls ?? [])];
  checkFamilies(branch, calls);
  const [only] = calls;
  if (only?.definition.family === 'diff') return planDiff(branch, only);
  const window = bindWindow(branch);
  checkStable(
    branch,
    calls,
    keys.map(({ key }) => key),
  );
  const ranked = calls[0]?.definition.family === 'entries' ? calls[0] : undefined;
  const ordering = bindOrder(clauses, {
    scope,
    isGroupKey: (resolved) => keys[0] !== undefined && isSameName(keys[0].resolved, resolved),
    rankedColumn: ranked?.input.kind === 'column' ? ranked.input.column.name : undefined,
  });
  const companions: CompanionSource[] = [];
  const outputs = bindOutputs(branch, { keys, calls, companions });
  const heads = items.map((item) => item.head);
  const hasWindowTime = window !== undefined && window.kind !== 'state';
  if (hasWindowTime || ranked !== undefined) {
    outputs.unshift({ kind: ranked === undefined ? 'window' : 'time' });
    heads.unshift({ name: 'ts', type: SqlType.TIMESTAMP, bytes: 8 });
  }
  keys.forEach(({ key, resolved }, index) => {
    if (key.kind === 'column') return;
    outputs.push({ kind: 'group', index });
    heads.push(keyHead(resolved));
  });
  const wantsTime = outputs.some((output) => output.kind === 'time');
  const companionOf =
    wantsTime || companions.length > 0 ? calls.findIndex((call) => call.definition.isSelector) : -1;
  const shape: AggregateShape = {
    functions: calls.map((call, i) => callOf(call, branch, i === companionOf)),
    groupBy: keys.map(({ key }) => key),
    window,
    companions,
    companionOf,
    memoryBudgetBytes: environment.memoryBudgetBytes,
  };
  const fragment: AggregateFragment = {
    kind: 'aggregate',
    tables: selectorOf(scope),
    filter: where.from > where.to ? { kind: 'constant', value: false } : where.condition,
    scan: { columns: columns.list, from: where.from, to: where.to },
    ...shape,
    interp: only?.definition.family === 'interp' ? bindInterp(branch, calls) : undefined,
  };
  const fill = fillOf(
    branch,
    window,
    outputs.map((output, i) => ({ output, head: heads[i]! })),
  );
  if (fill !== undefined && ranked !== undefined)
    throw invalidOperation('top/bottom not support fill');
  return queryPlan(
    branch,
    heads,
    fragment,
    mergeOf(branch, { shape, outputs, ordering, keys, having, fill }),
  );
}

/** The fill clause; sessions and states take it and do not look at it, `interp` has its own use of it. */
function fillOf(
  branch: Branch,
  window: Window | undefined,
  targets: readonly FillTarget[],
): FillSpec | undefined {
  const { fill } = branch.clauses;
  const isInterp = branch.items.some(
    (item) => item.kind === 'call' && item.call.definition.family === 'interp',
  );
  if (fill === undefined || isInterp) return undefined;
  if (window === undefined) throw invalidOperation('fill only available for interval query');
  if (window.kind === 'session' || window.kind === 'state') return undefined;
  return bindFill(branch, window, targets);
}

/** At which time `interp` takes values, and how where there is no row. */
function bindInterp(branch: Branch, calls: readonly BoundCall[]): Interpolation {
  const { clauses, where } = branch;
  const isPoint = clauses.window === undefined;
  const hasTime = isPoint ? where.from === where.to : where.from > MIN_TIME && where.to < MAX_TIME;
  if (!hasTime) throw invalidOperation('point interpolation query needs timestamp');
  const mode = fillModeOf(clauses.fill);
  const given = clauses.fill?.values ?? [];
  const values = calls.map(({ input }, i) => {
    if (mode !== 'value' || input.kind === 'none') return null;
    return fillValue(given[Math.min(i, given.length - 1)]!, input.column.type);
  });
  return { at: isPoint ? where.from : undefined, mode, values };
}

function mergeOf(
  branch: Branch,
  parts: {
    readonly shape: AggregateShape;
    readonly outputs: readonly AggregateOutput[];
    readonly ordering: Ordering;
    readonly keys: readonly BoundKey[];
    readonly having: Having | undefined;
    readonly fill: FillSpec | undefined;
  },
): AggregateMerge {
  const { shape, outputs, ordering, keys, having, fill } = parts;
  // Sessions and states come in their own order whatever is asked.
  const isOfRows = shape.window?.kind === 'session' || shape.window?.kind === 'state';
  const { by, descending } = ordering;
  const byColumn = keys.some(({ key }) => key.kind === 'column');
  const order: AggregateOrder = {
    groups:
      byColumn && !branch.scope.isStable
        ? 'appearance'
        : by === 'group' && descending
          ? 'descending'
          : 'ascending',
    windowsDescending: by === 'time' && descending && !isOfRows,
    entries: by === 'value' ? 'value' : 'time',
    entriesDescending: (by === 'value' || by === 'time') && descending,
  };
  return {
    kind: 'aggregate',
    shape,
    outputs,
    order,
    having: having?.condition,
    fill,
    keepsEmptyRows: byColumn || shape.window?.kind === 'state',
    groups: bindLimit(branch.clauses.slimit),
    ...bindLimit(branch.clauses.limit),
  };
}

function keyHead(resolved: Resolved): PlanColumn {
  if (resolved.kind === 'tbname')
    return { name: 'tbname', type: SqlType.BINARY, bytes: TBNAME_BYTES };
  const { name, type, bytes } = resolved.column;
  return { name, type, bytes };
}

/** All calls of the select list, those within arithmetic included. */
function collectCalls(items: readonly BoundItem[]): BoundCall[] {
  return items.flatMap((item) => {
    if (item.kind === 'call') return [item.call];
    return item.kind === 'arithmetic' ? item.calls : [];
  });
}

function callOf(call: BoundCall, branch: Branch, tracksRow: boolean): FunctionCall {
  const { definition, input, parameters } = call;
  const base = {
    name: definition.name,
    parameters,
    ticksPerSecond: ticksPerSecond(branch.environment.precision),
    isWhole: !branch.scope.isStable,
    tracksRow,
  };
  if (input.kind === 'none') return { ...base, input: NO_INPUT, type: SqlType.BIGINT };
  if (input.kind === 'time') return { ...base, input: TIME_INPUT, type: SqlType.TIMESTAMP };
  return { ...base, input: branch.columns.index(input.column), type: input.column.type };
}

interface OutputContext {
  readonly keys: readonly BoundKey[];
  /** Those of the select list and of having; the state of a state window is added. */
  readonly calls: BoundCall[];
  /** Filled with what goes along with selectors' rows. */
  readonly companions: CompanionSource[];
}

function bindOutputs(branch: Branch, context: OutputContext): AggregateOutput[] {
  let calls = 0;
  return branch.items.map((item): AggregateOutput => {
    switch (item.kind) {
      case 'call':
        return { kind: 'function', index: calls++ };
      case 'arithmetic': {
        if (item.columns.length > 0) throw bareInvalid('columns and functions do not mix');
        const base = calls;
        calls += item.calls.length;
        return { kind: 'arithmetic', expression: mapInputs(item.tree, (input) => base + input) };
      }
      case 'constant':
        return { kind: 'constant', value: item.value };
      case 'count-tables':
        throw invalidOperation('functions can not be mixed up');
      default:
        return bindPlain(branch, item, context);
    }
  });
}

type PlainItem = Extract<BoundItem, { kind: 'time' | 'column' | 'tag' | 'tbname' }>;

/** A column, tag, name or time beside functions: a group key, or what goes with a selector's row. */
function bindPlain(branch: Branch, item: PlainItem, context: OutputContext): AggregateOutput {
  const resolved: Resolved =
    item.kind === 'time' ? { kind: 'time', column: branch.scope.time } : item;
  const key = context.keys.findIndex((one) => isSameName(one.resolved, resolved));
  if (key >= 0) return { kind: 'group', index: key };
  const { window } = branch.clauses;
  if (
    item.kind === 'column' &&
    window?.kind === 'state' &&
    window.column.name === item.column.name
  ) {
    // The state itself: the same in all rows of the window.
    const call = { definition: first, input: item, parameters: [] };
    return { kind: 'function', index: context.calls.push(call) - 1 };
  }
  if (item.kind === 'column') throw bareInvalid('a column beside functions must be grouped by');
  if (item.kind === 'time' && branch.clauses.window?.kind === 'interval') {
    throw invalidOperation('column projection is not compatible with interval');
  }
  checkSelectors(context.calls);
  if (item.kind === 'time') return { kind: 'time' };
  const source: CompanionSource =
    item.kind === 'tbname'
      ? { kind: 'tbname' }
      : { kind: 'tag', colId: item.column.colId, type: item.column.type };
  return { kind: 'companion', index: context.companions.push(source) - 1 };
}

/** What goes with a row must go with one row: of a single selector, or of `last_row`, which all take the same. */
function checkSelectors(calls: readonly BoundCall[]): void {
  const selectors = calls.filter((call) => call.definition.isSelector);
  const isOneRow =
    selectors.length === 1 || selectors.every((call) => call.definition.family === 'last_row');
  if (selectors.length === 0 || !isOneRow) {
    throw invalidOperation('only one selectivity function allowed in presence of tags function');
  }
}

/** `count(tbname)`: counts tables, not rows. */
function planCountTables(branch: Branch): QueryPlan {
  const { clauses, items, scope, where, environment } = branch;
  if (clauses.window !== undefined) throw invalidOperation('invalid query expression');
  if (clauses.groupBy.length > 0 || items.some((item) => item.kind !== 'count-tables')) {
    throw invalidOperation('functions can not be mixed up');
  }
  if (where.testsColumns)
    throw invalidOperation('only tag query not compatible with normal column filter');
  const fragment: CountTablesFragment = {
    kind: 'count-tables',
    tables: selectorOf(scope),
    filter: where.condition,
    functions: items.length,
    memoryBudgetBytes: environment.memoryBudgetBytes,
  };
  const call: FunctionCall = {
    name: 'count',
    input: NO_INPUT,
    type: SqlType.BIGINT,
    parameters: [],
    ticksPerSecond: ticksPerSecond(environment.precision),
    isWhole: false,
    tracksRow: false,
  };
  const merge: AggregateMerge = {
    kind: 'aggregate',
    shape: {
      functions: items.map(() => call),
      groupBy: [],
      window: undefined,
      companions: [],
      companionOf: -1,
      memoryBudgetBytes: environment.memoryBudgetBytes,
    },
    outputs: items.map((_, index) => ({ kind: 'function', index })),
    order: {
      groups: 'appearance',
      windowsDescending: false,
      entries: 'time',
      entriesDescending: false,
    },
    having: undefined,
    fill: undefined,
    keepsEmptyRows: false,
    groups: bindLimit(clauses.slimit),
    ...bindLimit(clauses.limit),
  };
  return queryPlan(
    branch,
    items.map((item) => item.head),
    fragment,
    merge,
  );
}
