/**
 * Rows as `>> file` writes them: names in the first line, then values between commas, strings and times between single
 * quotes, NULL bare, as 2.1.2 has them. Inside a string a quote and a backslash are doubled; floating point numbers that
 * five or nine digits do not tell apart get as many as they need. `insert into t file 'x'` reads such a file back.
 */
import { SqlType, isStringType, type Batch, type Precision } from '@tdnode/common';
import type { ResultColumn } from '@tdnode/rpc';
import { NULL_TEXT, cellReader, type Style } from './cell.ts';
import type { RowPrinter } from './table.ts';

/** The layout of a file. */
export function csvPrinter(
  columns: readonly ResultColumn[],
  precision: Precision,
  style: Style,
): RowPrinter {
  const readers = columns.map((column) => {
    const read = cellReader(column, precision, style, 'file');
    const isQuoted =
      isStringType(column.type) || (column.type === SqlType.TIMESTAMP && !style.isRawTime);
    return isQuoted ? (...at: Parameters<typeof read>) => quoted(read(...at)) : read;
  });
  return {
    head: `${columns.map(({ name }) => name).join(',')}\n`,
    rows(batch: Batch, from: number, to: number) {
      let text = '';
      for (let row = from; row < to; row++) {
        for (let i = 0; i < readers.length; i++)
          text += (i === 0 ? '' : ',') + (readers[i]!(batch.columns[i]!, row) ?? NULL_TEXT);
        text += '\n';
      }
      return text;
    },
  };
}

function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `'${text.replaceAll(/['\\]/g, '$&$&')}'`;
}
