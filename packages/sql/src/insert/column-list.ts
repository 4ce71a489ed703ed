/** `(name, name)`: the columns or tags that the values stand for. */
import { syntaxError, type Column } from '@tdnode/common';
import { operationAt } from './skip.ts';
import { endOfName } from './token.ts';
import { skipBlanks } from './row-reader.ts';

/** Reads the list at `pos`; returns the indexes in `columns`. Throws TaosError on unknown and doubled names. */
export function readColumnList(
  columns: readonly Column[],
  sql: Uint8Array,
  pos: number,
  end: number,
): number[] {
  const found: number[] = [];
  let at = skipBlanks(sql, pos + 1, end);
  while (at < end && sql[at] !== 41) {
    const quote = sql[at] === 39 || sql[at] === 34 ? sql[at]! : 0;
    const from = quote === 0 ? at : at + 1;
    const to = endOfName(sql, from, end);
    const isClosed = quote === 0 || (to < end && sql[to] === quote);
    if (to === from || !isClosed) throw syntaxError('expected the name of a column', at);
    const index = indexOfColumn(columns, sql, from, to);
    if (index < 0) throw operationAt(sql, at, 'invalid column/tag name');
    if (found.includes(index)) throw operationAt(sql, at, 'duplicated column name');
    found.push(index);
    at = skipBlanks(sql, quote === 0 ? to : to + 1, end);
    if (at < end && sql[at] === 44) at = skipBlanks(sql, at + 1, end);
    else if (sql[at] !== 41) throw syntaxError('expected a comma between the names of columns', at);
  }
  if (found.length === 0) throw syntaxError('the list of columns is empty', pos);
  return found;
}

/** Names compare as ASCII without case. */
function indexOfColumn(
  columns: readonly Column[],
  sql: Uint8Array,
  from: number,
  to: number,
): number {
  for (let i = 0; i < columns.length; i++) {
    const { name } = columns[i]!;
    if (name.length !== to - from) continue;
    let same = 0;
    while (same < name.length && lower(name.charCodeAt(same)) === lower(sql[from + same]!)) same++;
    if (same === name.length) return i;
  }
  return -1;
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}
