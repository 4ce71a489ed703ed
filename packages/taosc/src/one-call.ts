/** `select f(column) from t where …` as a tree, for questions that a statement needs answered. */
import { ErrorCode, TaosError, type Batch } from '@tdnode/common';
import type { Expression, SelectStatement, Span, TableName } from '@tdnode/sql';

/** The select of one call; `column` undefined: `f(*)`. */
export function oneCall(
  call: { readonly name: string; readonly column: string | undefined },
  table: Pick<TableName, 'db' | 'name'>,
  where: Expression | undefined,
  span: Span,
): SelectStatement {
  const { start, end } = span;
  const argument: Expression =
    call.column === undefined
      ? { kind: 'star', table: undefined, start, end }
      : { kind: 'column', table: undefined, name: call.column, start, end };
  const expression: Expression = { kind: 'call', name: call.name, args: [argument], start, end };
  const item = { expression, alias: undefined, text: call.name, start, end };
  const { db, name } = table;
  return {
    kind: 'select',
    start,
    end,
    branches: [
      {
        distinct: false,
        items: [item],
        from: [{ kind: 'table', db, name, alias: undefined, start, end }],
        where,
        window: undefined,
        sliding: undefined,
        fill: undefined,
        groupBy: [],
        having: undefined,
        orderBy: [],
        slimit: undefined,
        limit: undefined,
        start,
        end,
      },
    ],
  };
}

/** The number in the first column of the first row; undefined: no row, or NULL. */
export async function oneNumber(batches: AsyncIterable<Batch>): Promise<number | undefined> {
  for await (const { rows, columns } of batches) {
    const [column] = columns;
    if (rows === 0) continue;
    if (column?.kind !== 'f64') throw new TaosError(ErrorCode.TSC_APP_ERROR);
    const value = column.data[0]!;
    return Number.isNaN(value) ? undefined : value;
  }
  return undefined;
}
