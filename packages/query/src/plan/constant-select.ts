/** SELECT without a table: `database()`, `server_version()` and their like; one expression only. */
import { invalidOperation, SqlType, syntaxError } from '@tdnode/common';
import type { SelectBranch, SelectItem } from '@tdnode/sql';
import type { PlanColumn, PlanEnvironment } from './metadata.ts';

/** A column and its single value. */
export interface ConstantRow {
  readonly column: PlanColumn;
  readonly value: number | string | null;
}

const DATABASE_BYTES = 33;
const USER_BYTES = 30;

/** Plans one branch without `from`. */
export function planConstant(branch: SelectBranch, environment: PlanEnvironment): ConstantRow {
  refuseClauses(branch);
  if (branch.items.length > 1) throw invalidOperation('only one expression allowed');
  const item = branch.items[0]!;
  const { expression } = item;
  if (expression.kind === 'number' && expression.text === '1')
    return serverStatus('server_status()');
  if (expression.kind !== 'call') throw invalidOperation('invalid expression in select clause');
  if (expression.args.length > 0) throw invalidOperation('invalid function');
  return callConstant(expression.name, item, environment);
}

function callConstant(name: string, item: SelectItem, environment: PlanEnvironment): ConstantRow {
  const head = item.alias ?? item.text;
  const text = (value: string | null, bytes: number): ConstantRow => ({
    column: { name: head, type: SqlType.BINARY, bytes },
    value,
  });
  switch (name) {
    case 'database':
      return text(environment.db ?? null, DATABASE_BYTES);
    case 'server_version':
    case 'client_version':
      return text(environment.version, environment.version.length);
    case 'current_user':
      return text(environment.user, USER_BYTES);
    case 'server_status':
      return serverStatus(head);
    default:
      throw invalidOperation('invalid function', `${name} is not a function without a table`);
  }
}

function serverStatus(name: string): ConstantRow {
  return { column: { name, type: SqlType.INT, bytes: 4 }, value: 1 };
}

function refuseClauses(branch: SelectBranch): void {
  const { where, window, groupBy, having, orderBy, limit, slimit } = branch;
  const hasClause = where ?? window ?? having ?? limit ?? slimit;
  if (hasClause !== undefined || groupBy.length > 0 || orderBy.length > 0) {
    throw syntaxError('a select without a table has no further clauses', branch.start);
  }
}
