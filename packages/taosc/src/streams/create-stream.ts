/**
 * `create table t as select …`: plans the select, so that what cannot run is refused now, and says the columns of `t`.
 * The mnode, which does not plan, gets the same statement with these columns in it.
 */
import { invalidOperation, isStringType, typeName } from '@tdnode/common';
import type { TaosError, TimeZone } from '@tdnode/common';
import { planStream, type PlanColumn } from '@tdnode/query';
import type { Session } from '@tdnode/rpc';
import { printStatement, type CreateStream } from '@tdnode/sql';
import { planEnvironmentOf, type SelectEnvironment } from '../select.ts';

/** Longest select that is kept, bytes. */
const SQL_BYTES_MAX = 16_384;

/** The statement for the mnode; `text` is what the client wrote. Throws TaosError. */
export async function completeStream(
  statement: CreateStream,
  text: string,
  session: Session & { readonly zone: TimeZone },
  environment: SelectEnvironment,
): Promise<string> {
  const { select, ifNotExists, table } = statement;
  const sql = text.slice(select.start, select.end);
  if (Buffer.byteLength(sql) > SQL_BYTES_MAX)
    throw invalidOperation('sql too long', `at most ${SQL_BYTES_MAX} bytes are kept`);
  const planEnvironment = await planEnvironmentOf(select, session, environment);
  const { columns } = planStream(select, planEnvironment);
  const db = await environment.mnode.database(table.db ?? session.db ?? '');
  if (db !== undefined && db.options.precision !== planEnvironment.precision)
    throw invalidOperation(
      'databases of a continuous query have one precision',
      `${db.name} counts ${db.options.precision}, the table that is read ${planEnvironment.precision}`,
    );
  const definitions = (statement.columns ?? columns.map(definitionOf)).map((column, i) =>
    checked(column, columns[i]),
  );
  if (definitions.length < columns.length) throw differentColumns();
  const head = printStatement({
    kind: 'createTable',
    ifNotExists,
    table,
    columns: definitions,
    start: statement.start,
    end: statement.end,
  });
  return `${head} as ${sql}`;
}

type Definition = NonNullable<CreateStream['columns']>[number];

function definitionOf({ name, type, bytes }: PlanColumn): Definition {
  const span = { start: 0, end: 0 };
  const length = isStringType(type) ? bytes : undefined;
  return { kind: 'columnDefinition', name, type: typeName(type).toLowerCase(), length, ...span };
}

/** A definition that the client wrote must have the type of its result. */
function checked(definition: Definition, result: PlanColumn | undefined): Definition {
  const wanted = result === undefined ? undefined : definitionOf(result);
  if (wanted?.type !== definition.type) throw differentColumns();
  return definition;
}

function differentColumns(): TaosError {
  return invalidOperation(
    'columns are not those of the results',
    'the time, then one column a result, of the same type',
  );
}
