/** Items of the select list with their names resolved: what planning works on. */
import { ErrorCode, invalidOperation, isStringType, SqlType, TaosError } from '@tdnode/common';
import type { Column } from '@tdnode/common';
import type { Call, Expression, SelectBranch, SelectItem } from '@tdnode/sql';
import type { FunctionDefinition } from '../functions/aggregator.ts';
import { foldNumber } from './constant.ts';
import type { Arithmetic } from './fragment.ts';
import { bindCall } from './call.ts';
import type { PlanColumn, PlanEnvironment } from './metadata.ts';
import { ARITHMETIC_REASON, bareInvalid } from './refuse.ts';
import type { Scope } from './scope.ts';
import { TBNAME_BYTES } from './scope.ts';

/** What a call is applied to. */
export type CallInput =
  | { readonly kind: 'none' }
  | { readonly kind: 'time'; readonly column: Column }
  | { readonly kind: 'column'; readonly column: Column };

export interface BoundCall {
  readonly definition: FunctionDefinition;
  readonly input: CallInput;
  readonly parameters: readonly number[];
}

/** One column of the answer. */
export type BoundItem = { readonly head: PlanColumn } & BoundSource;

export type BoundSource =
  | { readonly kind: 'time' }
  | { readonly kind: 'column'; readonly column: Column }
  | { readonly kind: 'tag'; readonly column: Column }
  | { readonly kind: 'tbname' }
  | { readonly kind: 'constant'; readonly value: number | string }
  | { readonly kind: 'call'; readonly call: BoundCall }
  /** `count(tbname)`, `count(tag)`. */
  | { readonly kind: 'count-tables' }
  /** Leaves of the tree are indices into `columns` or `calls`, of which one is empty. */
  | {
      readonly kind: 'arithmetic';
      readonly tree: Arithmetic;
      readonly columns: readonly Column[];
      readonly calls: readonly BoundCall[];
    };

/** What binding needs besides the item. */
export interface BindContext {
  readonly scope: Scope;
  readonly environment: PlanEnvironment;
}

/** Binds the whole select list; `*` and calls of several columns become several items. */
export function bindItems(branch: SelectBranch, context: BindContext): BoundItem[] {
  return branch.items.flatMap((item) => bindItem(item, context)).map(withShortHead);
}

/** Bytes of a head; 2.1.2 cuts what is longer. */
const HEAD_BYTES_MAX = 64;

function withShortHead(item: BoundItem): BoundItem {
  const bytes = new TextEncoder().encode(item.head.name);
  if (bytes.length <= HEAD_BYTES_MAX) return item;
  let end = HEAD_BYTES_MAX;
  while ((bytes[end]! & 0xc0) === 0x80) end--; // never inside a character
  return {
    ...item,
    head: { ...item.head, name: new TextDecoder().decode(bytes.subarray(0, end)) },
  };
}

function bindItem(item: SelectItem, context: BindContext): BoundItem[] {
  const { expression } = item;
  switch (expression.kind) {
    case 'star':
      return bindStar(expression.table, context.scope);
    case 'column':
      return [bindColumn(item, context.scope)];
    case 'string':
      return [bindString(item, expression.value)];
    case 'call':
      return bindCall(item, expression, context);
    default: {
      const constant = foldNumber(expression);
      if (constant !== undefined) {
        const type = constant.isInteger ? SqlType.BIGINT : SqlType.DOUBLE;
        const head = { name: item.alias ?? item.text, type, bytes: 8 };
        return [{ kind: 'constant', value: Number(constant.value), head }];
      }
      if (expression.kind !== 'binary') throw bareInvalid('not an expression of the select list');
      return [bindArithmetic(item, expression, context)];
    }
  }
}

function bindStar(qualifier: string | undefined, scope: Scope): BoundItem[] {
  const star = scope.star(qualifier);
  if (star === undefined) throw invalidOperation('invalid column name');
  return star.map((resolved): BoundItem => {
    if (resolved.kind === 'tbname') throw bareInvalid('* has no name of a table');
    const { kind, column } = resolved;
    const head = headOf(column);
    return kind === 'time' ? { kind, head } : { kind, column, head };
  });
}

function headOf(column: Column, name = column.name): PlanColumn {
  return { name, type: column.type, bytes: column.bytes };
}

function bindColumn(item: SelectItem, scope: Scope): BoundItem {
  if (item.expression.kind !== 'column') throw bareInvalid('not a column');
  const resolved = scope.resolve(item.expression, 'invalid column name');
  if (resolved.kind === 'tbname') {
    const head = { name: item.alias ?? item.text, type: SqlType.BINARY, bytes: TBNAME_BYTES };
    return { kind: 'tbname', head };
  }
  const head = headOf(resolved.column, item.alias);
  if (resolved.kind === 'time') return { kind: 'time', head };
  return { kind: resolved.kind, column: resolved.column, head };
}

function bindString(item: SelectItem, value: string): BoundItem {
  const bytes = new TextEncoder().encode(value).length;
  return {
    kind: 'constant',
    value,
    head: { name: item.alias ?? value, type: SqlType.BINARY, bytes },
  };
}

function bindArithmetic(item: SelectItem, expression: Expression, context: BindContext): BoundItem {
  const columns: Column[] = [];
  const calls: BoundCall[] = [];
  const into: TreeContext = { context, columns, calls, hasString: false };
  const tree = bindTree(expression, into);
  checkOneMember(into);
  if (columns.length > 0 && calls.length > 0) throw invalidOperation(ARITHMETIC_REASON);
  const head = { name: item.alias ?? item.text, type: SqlType.DOUBLE, bytes: 8 };
  // TDengine takes a string for a number here, and the sum for 0.
  if (into.hasString) return { kind: 'constant', value: 0, head };
  return { kind: 'arithmetic', tree, columns, calls, head };
}

/** In a join, an expression stays with the columns of one table. */
function checkOneMember({ context: { scope }, columns, calls }: TreeContext): void {
  if (!scope.isOneMember(columns)) {
    throw invalidOperation('columns from different table mixed up in arithmetic expression');
  }
  const inputs = calls.flatMap(({ input }) => (input.kind === 'none' ? [] : [input.column]));
  if (!scope.isOneMember(inputs)) throw invalidOperation(ARITHMETIC_REASON);
}

interface TreeContext {
  readonly context: BindContext;
  readonly columns: Column[];
  readonly calls: BoundCall[];
  hasString: boolean;
}

function bindTree(expression: Expression, into: TreeContext): Arithmetic {
  const constant = foldNumber(expression);
  if (constant !== undefined) return { kind: 'number', value: Number(constant.value) };
  switch (expression.kind) {
    case 'binary': {
      const { op } = expression;
      if (op !== '+' && op !== '-' && op !== '*' && op !== '/' && op !== '%') {
        throw invalidOperation('invalid arithmetic expression in select clause');
      }
      return {
        kind: 'binary',
        op,
        left: bindTree(expression.left, into),
        right: bindTree(expression.right, into),
      };
    }
    case 'column':
      return bindTreeColumn(expression, into);
    case 'call':
      return bindTreeCall(expression, into);
    case 'string':
      into.hasString = true;
      return { kind: 'number', value: 0 };
    case 'bool':
      throw invalidOperation('invalid arithmetic expression in select clause');
    default:
      throw invalidOperation(ARITHMETIC_REASON);
  }
}

function bindTreeColumn(
  expression: Extract<Expression, { kind: 'column' }>,
  into: TreeContext,
): Arithmetic {
  const resolved = into.context.scope.resolve(expression, ARITHMETIC_REASON);
  if (resolved.kind === 'tag' || resolved.kind === 'tbname') {
    throw invalidOperation('tag columns can not be used in arithmetic expression');
  }
  if (resolved.kind === 'time' || !isCountable(resolved.column.type))
    throw invalidOperation(ARITHMETIC_REASON);
  return { kind: 'input', index: into.columns.push(resolved.column) - 1 };
}

function isCountable(type: SqlType): boolean {
  return !isStringType(type) && type !== SqlType.BOOL && type !== SqlType.TIMESTAMP;
}

/** Binds a call within arithmetic, where one text stands for all that can be wrong with it. */
function bindOperand(item: SelectItem, call: Call, context: BindContext): BoundItem[] {
  try {
    return bindCall(item, call, context);
  } catch (error) {
    const isRefusal = error instanceof TaosError && error.code === ErrorCode.TSC_INVALID_OPERATION;
    throw isRefusal ? invalidOperation(ARITHMETIC_REASON, error.message) : error;
  }
}

function bindTreeCall(expression: Call, into: TreeContext): Arithmetic {
  const item: SelectItem = {
    expression,
    alias: undefined,
    text: '',
    start: expression.start,
    end: expression.end,
  };
  const [bound, ...more] = bindOperand(item, expression, into.context);
  if (bound?.kind !== 'call' || more.length > 0) throw invalidOperation(ARITHMETIC_REASON);
  const { family } = bound.call.definition;
  const isOneValue = family === 'aggregate' || family === 'last_row';
  if (!isOneValue || !isCountable(bound.head.type)) {
    throw invalidOperation(ARITHMETIC_REASON);
  }
  return { kind: 'input', index: into.calls.push(bound.call) - 1 };
}
