/**
 * Rows as 2.1.2 lays them out: ` value | value |` under a centred head and a line of `=`; or, behind `\G`, one line a
 * value under the number of its row. Pure: batches in, text out.
 *
 * Unlike in 2.1.2 heads and rows line up where a name is wide or wider than its values.
 */
import type { Batch, Precision } from '@tdnode/common';
import type { ResultColumn } from '@tdnode/rpc';
import {
  NULL_TEXT,
  cellReader,
  columnWidth,
  isRightAligned,
  type CellReader,
  type Style,
} from './cell.ts';
import { displayWidth, fitted } from './display-width.ts';

/** Lays out the rows of one answer, batch by batch. */
export interface RowPrinter {
  /** What comes before the first row. */
  readonly head: string;
  /** Rows `[from, to)` of a batch; `number` is the first one's, from 1. */
  rows(batch: Batch, from: number, to: number, number: number): string;
}

interface TableColumn {
  readonly column: ResultColumn;
  readonly width: number;
  readonly read: CellReader;
}

/** The layout with a line a row. */
export function tablePrinter(
  columns: readonly ResultColumn[],
  precision: Precision,
  style: Style,
): RowPrinter {
  const laidOut = columns.map((column) => ({
    column,
    width: columnWidth(column, precision, style),
    read: cellReader(column, precision, style, 'table'),
  }));
  return {
    head: headOf(laidOut),
    rows(batch, from, to) {
      let text = '';
      for (let row = from; row < to; row++) {
        for (let i = 0; i < laidOut.length; i++)
          text += ` ${cell(laidOut[i]!, laidOut[i]!.read(batch.columns[i]!, row))} |`;
        text += '\n';
      }
      return text;
    },
  };
}

function headOf(columns: readonly TableColumn[]): string {
  let names = '';
  let width = 0;
  for (const { column, width: ownWidth } of columns) {
    const padding = ownWidth - displayWidth(column.name);
    const left = Math.floor(padding / 2);
    names += ` ${' '.repeat(left)}${fitted(column.name, 0)}${' '.repeat(padding - left)} |`;
    width += ownWidth + 3;
  }
  return `${names}\n${'='.repeat(width)}\n`;
}

function cell({ column, width }: TableColumn, text: string | undefined): string {
  if (isRightAligned(column.type, text === undefined)) return (text ?? NULL_TEXT).padStart(width);
  return fitted(text ?? NULL_TEXT, width);
}

/** The layout with a line a value. */
export function verticalPrinter(
  columns: readonly ResultColumn[],
  precision: Precision,
  style: Style,
): RowPrinter {
  const widest = Math.max(...columns.map(({ name }) => displayWidth(name)));
  const labels = columns.map(
    ({ name }) => `${' '.repeat(widest - displayWidth(name))}${fitted(name, 0)}: `,
  );
  const readers = columns.map((column) => cellReader(column, precision, style, 'line'));
  const stars = '*'.repeat(27);
  return {
    head: '',
    rows(batch, from, to, number) {
      let text = '';
      for (let row = from; row < to; row++) {
        text += `${stars} ${number + row - from}.row ${stars}\n`;
        for (let i = 0; i < readers.length; i++) {
          const value = readers[i]!(batch.columns[i]!, row);
          text += `${labels[i]}${fitted(value ?? NULL_TEXT, 0)}\n`;
        }
      }
      return text;
    },
  };
}
