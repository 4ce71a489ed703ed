/** Function calls of the select list: which function, over which columns, with which constants. */
import { invalidOperation, syntaxError } from '@tdnode/common';
import type { Call, Expression, SelectItem } from '@tdnode/sql';
import type { FunctionDefinition, ParameterKind } from '../functions/aggregator.ts';
import { findFunction } from '../functions/table.ts';
import type { BindContext, BoundItem, CallInput } from './bound-item.ts';
import { foldNumber } from './constant.ts';
import type { PlanColumn } from './metadata.ts';
import { bareInvalid } from './refuse.ts';

/** Most entries that `top` and `bottom` give. */
const MAX_ENTRIES = 100;

/** Binds a call; `last(*)` and `last(a, b)` become one item a column. */
export function bindCall(item: SelectItem, call: Call, context: BindContext): BoundItem[] {
  const definition = findFunction(call.name);
  if (definition === undefined) {
    throw bareInvalid(`there is no function ${call.name}`);
  }
  if (definition.name === 'count') return [bindCount(item, call, { ...context, definition })];
  if (definition.isExpandable) return bindExpandable(item, call, { ...context, definition });
  if (call.args.length !== 1 + definition.parameters.length)
    throw invalidOperation('invalid parameters');
  const argument = call.args[0]!;
  if (argument.kind === 'star' && definition.parameters.length > 0)
    throw syntaxError('* is not a column here', argument.start);
  const input = bindArgument(argument, { ...context, definition });
  const parameters = definition.parameters.map((kind, i) => parameterOf(kind, call.args[i + 1]!));
  return [callItem(functionHead(item), definition, input, parameters)];
}

interface CallContext extends BindContext {
  readonly definition: FunctionDefinition;
}

function callItem(
  name: string,
  definition: FunctionDefinition,
  input: CallInput,
  parameters: readonly number[],
): BoundItem {
  const from = input.kind === 'none' ? { type: 5 as const, bytes: 8 } : input.column;
  const head: PlanColumn = { name, ...definition.result(from.type, from.bytes) };
  return { kind: 'call', call: { definition, input, parameters }, head };
}

/** A call's head: its text, or its alias cut to the length of that text. */
function functionHead(item: SelectItem): string {
  return item.alias === undefined ? item.text : item.alias.slice(0, item.text.length);
}

function bindCount(item: SelectItem, call: Call, context: CallContext): BoundItem {
  const [argument, ...more] = call.args;
  if (argument === undefined || more.length > 0) throw invalidOperation('invalid parameters');
  const name = functionHead(item);
  if (argument.kind === 'star' || foldNumber(argument) !== undefined) {
    return callItem(name, context.definition, { kind: 'none' }, []);
  }
  if (argument.kind !== 'column') {
    const isLiteral =
      argument.kind === 'string' || argument.kind === 'null' || argument.kind === 'bool';
    throw invalidOperation(isLiteral ? 'illegal column name' : 'invalid parameters');
  }
  const resolved = context.scope.resolve(argument, 'illegal column name');
  if (resolved.kind === 'tag' || resolved.kind === 'tbname') {
    return { kind: 'count-tables', head: { name, type: 5, bytes: 8 } };
  }
  return callItem(name, context.definition, { kind: resolved.kind, column: resolved.column }, []);
}

function bindArgument(argument: Expression, context: CallContext): CallInput {
  if (argument.kind === 'call')
    throw invalidOperation('not support column types', 'calls do not nest');
  if (argument.kind !== 'column') throw invalidOperation('invalid parameters');
  const resolved = context.scope.resolve(argument, 'illegal column name');
  if (resolved.kind === 'tag' || resolved.kind === 'tbname') {
    throw invalidOperation('function applied to tags not allowed');
  }
  const isTime = resolved.kind === 'time';
  if (!context.definition.accepts(resolved.column.type, isTime)) {
    throw invalidOperation(
      context.definition.refusal?.(resolved.column.type) ?? 'not support column types',
      `${context.definition.name} does not take ${argument.name}`,
    );
  }
  return { kind: resolved.kind, column: resolved.column };
}

function bindExpandable(item: SelectItem, call: Call, context: CallContext): BoundItem[] {
  const { definition, environment } = context;
  if (call.args.length === 0) throw invalidOperation('illegal column name');
  const inputs = call.args.flatMap((argument) =>
    argument.kind === 'star'
      ? allColumns(argument.table, context)
      : [bindArgument(argument, context)],
  );
  const isSingle = call.args.length === 1 && call.args[0]!.kind !== 'star';
  if (isSingle) {
    const input = inputs[0]!;
    const bare = environment.keepColumnName && item.alias === undefined && input.kind !== 'none';
    const name = bare ? input.column.name : functionHead(item);
    return [callItem(name, definition, input, [])];
  }
  if (item.alias !== undefined) {
    throw invalidOperation('multi-columns selection does not support alias column name');
  }
  return inputs.map((input) => {
    const column = input.kind === 'none' ? '*' : input.column.name;
    const name = environment.keepColumnName ? column : `${definition.name}(${column})`;
    return callItem(name, definition, input, []);
  });
}

function allColumns(qualifier: string | undefined, context: CallContext): CallInput[] {
  const star = context.scope.star(qualifier);
  if (star === undefined) throw invalidOperation('illegal column name');
  return star.flatMap((resolved): CallInput[] =>
    resolved.kind === 'time' || resolved.kind === 'column' ? [resolved] : [],
  );
}

/** A constant argument; a percentage that is no number counts as 0, as in TDengine. */
function parameterOf(kind: ParameterKind, argument: Expression): number {
  const constant = foldNumber(argument);
  const value = constant === undefined ? NaN : Number(constant.value);
  switch (kind) {
    case 'entries': {
      const entries = Math.trunc(value);
      if (!(entries >= 1 && entries <= MAX_ENTRIES)) throw outOfRange();
      return entries;
    }
    case 'percent':
      if (value < 0 || value > 100) throw outOfRange();
      return value !== value ? 0 : value;
    case 'number':
      if (value !== value) throw invalidOperation('invalid parameters');
      return value;
  }
}

function outOfRange(): Error {
  return invalidOperation('parameter is out of range [0, 100]');
}
