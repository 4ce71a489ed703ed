/** The rows of an answer with a fill clause: every column taken from its functions, filled, cut by the limit. */
import { MAX_BATCH_ROWS } from '@tdnode/common';
import type { Batch, TagValue, Vector } from '@tdnode/common';
import { valueOf } from '../functions/cells.ts';
import { ColumnBuilder } from '../operators/column-builder.ts';
import type { AggregateMerge, AggregateOutput, FillSpec, PlanColumn } from '../plan/metadata.ts';
import { checkBudget } from './budget.ts';
import { addGroup, fillCells, MISSING, windowStarts } from './fill-rows.ts';
import type { Cells, FilledRows } from './fill-rows.ts';
import type { Groups } from './groups.ts';
import type { OutputSource } from './output-source.ts';

/** A group of the answer: its number, and its rows in order. */
export interface AnswerGroup {
  readonly number: number;
  readonly rows: readonly number[];
}

interface FillContext {
  readonly merge: AggregateMerge;
  readonly columns: readonly PlanColumn[];
  readonly source: OutputSource;
  readonly groups: Groups;
}

/** Yields the filled answer's batches. */
export function* fillAnswer(
  groups: readonly AnswerGroup[],
  spec: FillSpec,
  context: FillContext,
): Generator<Batch> {
  const { merge, columns } = context;
  const { window, memoryBudgetBytes } = merge.shape;
  if (window === undefined || groups.length === 0) return;
  if (window.kind === 'session' || window.kind === 'state') return;
  const { precision } = window;
  const starts = windowStarts(spec, window);
  checkBudget(starts.length * groups.length * (columns.length + 3) * 16, memoryBudgetBytes);
  if (merge.order.windowsDescending) starts.reverse();
  const rows: FilledRows = { slots: [], starts: [], groups: [], ends: [], precision };
  for (const group of groups) addGroup(rows, group, starts, context.groups.slotWindow);
  const cells = merge.outputs.map((output, i) => {
    const column = cellsOf(output, columns[i]!, rows, context);
    if (!isFixed(output)) {
      const { type } = columns[i]!;
      const descending = merge.order.windowsDescending;
      fillCells(column, rows, {
        mode: modeOf(output, spec),
        value: spec.values[i]!,
        type,
        descending,
      });
    }
    return column;
  });
  yield* batches(limitedRows(rows, merge), cells, columns);
}

/** Outputs that every row has anyway. */
function isFixed(output: AggregateOutput): boolean {
  return output.kind === 'window' || output.kind === 'group' || output.kind === 'constant';
}

/** What goes with a selector's row is not made up. */
function modeOf(output: AggregateOutput, spec: FillSpec): FillSpec['mode'] {
  return output.kind === 'companion' || output.kind === 'time' ? 'null' : spec.mode;
}

/** A column before filling. */
function cellsOf(
  output: AggregateOutput,
  column: PlanColumn,
  rows: FilledRows,
  { source, groups }: FillContext,
): Cells {
  if (output.kind === 'window') return rows.starts.slice();
  if (output.kind === 'group')
    return rows.groups.map((group) => groups.groups[group]!.values[output.index]!);
  if (output.kind === 'constant') {
    const { value } = output;
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
    return rows.slots.map(() => bytes);
  }
  const there = Uint32Array.from(rows.slots.filter((slot) => slot !== MISSING));
  const vector = source.column(output, column, there);
  let next = 0;
  return rows.slots.map((slot): TagValue | undefined =>
    slot === MISSING ? undefined : valueOf(vector, next++),
  );
}

/** Numbers of the rows that the limit leaves in each group. */
function limitedRows(rows: FilledRows, { limit, offset }: AggregateMerge): number[] {
  const result: number[] = [];
  let from = 0;
  for (const end of rows.ends) {
    const to = limit === undefined ? end : Math.min(end, from + offset + limit);
    for (let i = from + offset; i < to; i++) result.push(i);
    from = end;
  }
  return result;
}

function* batches(
  rows: readonly number[],
  cells: readonly Cells[],
  columns: readonly PlanColumn[],
): Generator<Batch> {
  for (let from = 0; from < rows.length; from += MAX_BATCH_ROWS) {
    const part = rows.slice(from, from + MAX_BATCH_ROWS);
    const vectors = cells.map((column, i): Vector => {
      const builder = new ColumnBuilder(part.length, columns[i]!.type);
      for (const row of part) builder.appendValue(column[row] ?? null, 1);
      return builder.finish();
    });
    yield { rows: part.length, columns: vectors };
  }
}
