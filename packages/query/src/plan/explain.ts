/** A plan as lines of text, for `explain`: what runs in the vnodes, what the coordinator does with it. */
import { ticksOfStored } from '@tdnode/common';
import type {
  AggregateFragment,
  Condition,
  Fragment,
  FunctionCall,
  GroupKey,
  Operand,
  Test,
  Window,
} from './fragment.ts';
import type { LocalRows, MergeSpec, PlanTarget, QueryPlan, RowLimit } from './metadata.ts';
import { MAX_TIME, MIN_TIME } from './where.ts';

/** What was measured of a target, as text; undefined: nothing. */
export type Measured = (target: PlanTarget) => string | undefined;

/** The lines of a plan. */
export function explainPlan(plan: QueryPlan, measured: Measured = () => undefined): string[] {
  if (plan.merge.kind === 'union') {
    const { branches } = plan.merge;
    const parts = branches.flatMap((branch) => indented(explainPlan(branch, measured)));
    return [`union all of ${branches.length} selects, one after the other`, ...parts];
  }
  const head = mergeText(plan.merge);
  if (plan.local !== undefined) return [head, ...indented(localLines(plan.local, measured))];
  const targets = plan.targets.flatMap((target) => {
    const line = `vgroup ${target.vgId}: ${fragmentText(target.fragment)}`;
    const counts = measured(target);
    return counts === undefined ? [line] : [line, `  ${counts}`];
  });
  return [head, ...indented(targets)];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function localLines(local: LocalRows, measured: Measured): string[] {
  const { source, order } = local;
  const sorted = order === 'none' ? '' : `, ${order} by time`;
  const head = `coordinator: ${fragmentText(local.fragment, false)}${sorted}`;
  if (source.kind === 'plan') {
    return [head, ...indented(['rows of', ...indented(explainPlan(source.plan, measured))])];
  }
  const keys = source.inputs[0]!.keys.length;
  const on = keys === 0 ? 'equal times' : `equal times and ${keys} equal key${keys > 1 ? 's' : ''}`;
  const inputs = source.inputs.flatMap((input) => indented(explainPlan(input.plan, measured)));
  return [head, ...indented([`merge join of ${source.inputs.length} by ${on}`, ...inputs])];
}

function mergeText(merge: Exclude<MergeSpec, { kind: 'union' }>): string {
  switch (merge.kind) {
    case 'constant':
      return 'values known without reading';
    case 'concat':
      return `rows as they come${limitText(merge)}`;
    case 'ordered':
      return `rows merged ${merge.descending ? 'descending' : 'ascending'}${limitText(merge)}`;
    case 'distinct':
      return `different values${limitText(merge)}`;
    case 'aggregate': {
      const having = merge.having === undefined ? '' : ', having';
      const groups = limitText(merge.groups)
        .replace('limit', 'slimit')
        .replace('offset', 'soffset');
      return `partial states merged${having}${groups}${limitText(merge)}`;
    }
  }
}

function limitText({ limit, offset }: RowLimit): string {
  const first = limit === undefined ? '' : `, limit ${limit}`;
  return offset === 0 ? first : `${first}, offset ${offset}`;
}

function fragmentText(fragment: Fragment, readsTables = true): string {
  const parts = [kindText(fragment), readsTables ? tablesText(fragment) : ''];
  if ('scan' in fragment) parts.push(timesText(fragment.scan.from, fragment.scan.to));
  if (fragment.filter !== undefined) parts.push(`filter ${conditionText(fragment.filter)}`);
  if ('limit' in fragment && fragment.limit !== undefined) parts.push(`limit ${fragment.limit}`);
  return parts.filter((part) => part !== '').join(', ');
}

function kindText(fragment: Fragment): string {
  switch (fragment.kind) {
    case 'rows': {
      const order = fragment.order === 'none' ? '' : ` by ${fragment.order}`;
      return `${fragment.outputs.length} columns of rows${order}${fragment.descending ? ' descending' : ''}`;
    }
    case 'diff':
      return 'differences of rows';
    case 'tags':
      return fragment.distinct ? 'different tags' : 'tags';
    case 'count-tables':
      return 'number of tables';
    case 'aggregate':
      return aggregateText(fragment);
  }
}

function aggregateText({ functions, groupBy, window }: AggregateFragment): string {
  const calls = functions.map(callText).join(', ');
  const groups = groupBy.length === 0 ? '' : ` by ${groupBy.map(keyText).join(', ')}`;
  return `${calls}${groups}${window === undefined ? '' : ` in ${windowText(window)}`}`;
}

function callText({ name, input }: FunctionCall): string {
  return `${name}(${input >= 0 ? `$${input}` : input === -1 ? 'time' : '*'})`;
}

function keyText(key: GroupKey): string {
  if (key.kind === 'tbname') return 'tbname';
  return key.kind === 'tag' ? `tag ${key.colId}` : `$${key.index}`;
}

function windowText(window: Window): string {
  switch (window.kind) {
    case 'fixed':
      return `windows of ${window.width} every ${window.step}`;
    case 'calendar':
      return `windows of ${window.months} months`;
    case 'session':
      return 'sessions';
    case 'state':
      return 'states';
  }
}

function tablesText({ tables }: Fragment): string {
  return tables.kind === 'one' ? 'one table' : 'child tables of the stable';
}

function timesText(from: number, to: number): string {
  if (from <= MIN_TIME && to >= MAX_TIME) return '';
  const start = from <= MIN_TIME ? '' : ticksOfStored(from);
  return `time ${start}..${to >= MAX_TIME ? '' : ticksOfStored(to)}`;
}

function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case 'constant':
      return String(condition.value);
    case 'test':
      return `${operandText(condition.operand)} ${testText(condition.test)}`;
    default:
      return `(${condition.parts.map(conditionText).join(` ${condition.kind} `)})`;
  }
}

function operandText(operand: Operand): string {
  if (operand.source === 'tbname') return 'tbname';
  return operand.source === 'tag' ? `tag ${operand.colId}` : `$${operand.index}`;
}

function testText(test: Test): string {
  const not = 'negated' in test && test.negated ? 'not ' : '';
  const text = (bytes: Uint8Array): string => `'${new TextDecoder().decode(bytes)}'`;
  switch (test.kind) {
    case 'range':
      return `${not}in [${test.low}, ${test.high}]`;
    case 'text':
      return `${not === '' ? '=' : '<>'} ${text(test.bytes)}`;
    case 'like':
      return `like ${text(test.pattern)}`;
    case 'null':
      return `is ${not}null`;
    case 'names':
      return `in (${test.names.join(', ')})`;
  }
}
