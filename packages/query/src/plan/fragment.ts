/**
 * A fragment: the part of a query that runs in one vnode. Plain data, structured-cloneable; the
 * coordinator makes it, `runFragment` runs it where the rows are.
 */
import type { Precision, SqlType } from '@tdnode/common';

export type Fragment =
  | RowsFragment
  | DiffFragment
  | TagsFragment
  | CountTablesFragment
  | AggregateFragment;

/** A fragment for `explain analyze`: its last batch is one row, what was read for the others (`ScanCounts`). */
export interface CountedFragment {
  readonly kind: 'counted';
  readonly fragment: Fragment;
}

interface FragmentBase {
  readonly tables: TableSelector;
  /** Filters on tags, names and columns; the time range stands apart. Undefined: everything passes. */
  readonly filter: Condition | undefined;
  /** Bytes the fragment may hold; more fails the query. */
  readonly memoryBudgetBytes: number;
}

export type TableSelector =
  | { readonly kind: 'one'; readonly uid: number }
  | { readonly kind: 'children'; readonly stableUid: number };

/** What a fragment reads of each table. */
export interface ScanPart {
  /** Columns besides the time column; `index` in expressions and conditions counts in here. */
  readonly columns: readonly ScanColumn[];
  /** Ticks, both ends included. */
  readonly from: number;
  readonly to: number;
}

export interface ScanColumn {
  readonly colId: number;
  readonly type: SqlType;
}

/** Rows, projected. Without order they come table by table; ordered, the last output is the key. */
export interface RowsFragment extends FragmentBase {
  readonly kind: 'rows';
  readonly scan: ScanPart;
  readonly outputs: readonly RowOutput[];
  /** `time`: rows of all tables in time order; `name`: tables in name order; `none`: as they come. */
  readonly order: 'none' | 'time' | 'name';
  readonly descending: boolean;
  /** At most so many rows are wanted from this fragment. */
  readonly limit: number | undefined;
}

/** `diff`: time of each row and how much its value differs from the row read before it; NULL takes no part. */
export interface DiffFragment extends FragmentBase {
  readonly kind: 'diff';
  readonly scan: ScanPart;
  /** Index in `scan.columns`. */
  readonly index: number;
  readonly descending: boolean;
  readonly limit: number | undefined;
}

export type RowOutput =
  | { readonly kind: 'time' }
  | { readonly kind: 'column'; readonly index: number }
  | { readonly kind: 'tag'; readonly colId: number; readonly type: SqlType }
  | { readonly kind: 'tbname' }
  | { readonly kind: 'constant'; readonly value: number | string }
  | { readonly kind: 'arithmetic'; readonly expression: Arithmetic };

/** One row a table, tags and names only. */
export interface TagsFragment extends FragmentBase {
  readonly kind: 'tags';
  readonly outputs: readonly TagOutput[];
  /** Each different value of the single output once, NULL left out. */
  readonly distinct: boolean;
  /** `name`: ascending (or descending) by table name, which is the last output then. */
  readonly order: 'none' | 'name';
  readonly descending: boolean;
  readonly limit: number | undefined;
}

export type TagOutput =
  | { readonly kind: 'tag'; readonly colId: number; readonly type: SqlType }
  | { readonly kind: 'tbname' }
  | { readonly kind: 'constant'; readonly value: number | string };

/** `count(tbname)`: the number of tables, as the partial state of one `count`. */
export interface CountTablesFragment extends FragmentBase {
  readonly kind: 'count-tables';
  readonly functions: number;
}

/**
 * Partial aggregation. Columns of its batches: group keys, window start (if windowed), partial columns of
 * each function in order, companions. One row a (group, window), or one an entry where the function is
 * `top` or `bottom`.
 */
export interface AggregateFragment extends FragmentBase {
  readonly kind: 'aggregate';
  readonly scan: ScanPart;
  readonly functions: readonly FunctionCall[];
  readonly groupBy: readonly GroupKey[];
  readonly window: Window | undefined;
  /** Values that go with the row a selector takes. */
  readonly companions: readonly CompanionSource[];
  /** Index of the selector whose rows the companions follow; -1 without companions. */
  readonly companionOf: number;
  /** The functions are `interp` and take values at points of time. */
  readonly interp: Interpolation | undefined;
}

/** How `interp` finds the value at a point of time that has no row. */
export interface Interpolation {
  /** The point; undefined: the start of each window. */
  readonly at: number | undefined;
  readonly mode: FillMode;
  /** `value`: the value of each function. */
  readonly values: readonly (number | null)[];
}

export type FillMode = 'none' | 'null' | 'value' | 'prev' | 'next' | 'linear';

export interface FunctionCall {
  readonly name: string;
  /** Index in `scan.columns`, TIME_INPUT, or NO_INPUT (`count(*)`). */
  readonly input: number;
  readonly type: SqlType;
  /** Constant arguments after the column: k of `top`. */
  readonly parameters: readonly number[];
  readonly ticksPerSecond: number;
  /** All rows are in one fragment: its partial state may as well be the result. */
  readonly isWhole: boolean;
  /** Somebody wants the time or the table of the row this selector takes. */
  readonly tracksRow: boolean;
}

export const TIME_INPUT = -1;
export const NO_INPUT = -2;

export type GroupKey =
  | { readonly kind: 'tag'; readonly colId: number; readonly type: SqlType }
  | { readonly kind: 'tbname' }
  | { readonly kind: 'column'; readonly index: number; readonly type: SqlType };

export type CompanionSource =
  | { readonly kind: 'tag'; readonly colId: number; readonly type: SqlType }
  | { readonly kind: 'tbname' };

export type Window = IntervalWindow | SessionWindow | StateWindow;

/** Windows whose places do not depend on the rows. */
export type IntervalWindow = FixedWindow | CalendarWindow;

/** Rows of which none is more than `gap` ticks after the one before; called by the time of their first row. */
export interface SessionWindow {
  readonly kind: 'session';
  readonly gap: number;
  readonly precision: Precision;
}

/** Neighbouring rows with the same value of a column; rows where it is NULL take no part. */
export interface StateWindow {
  readonly kind: 'state';
  /** Index in `scan.columns`. */
  readonly index: number;
}

/** Windows `[start, start + width)` whose starts are `phase` modulo `step`; ticks. `step ≤ width`. */
export interface FixedWindow {
  readonly kind: 'fixed';
  readonly width: number;
  readonly step: number;
  readonly phase: number;
  readonly precision: Precision;
}

/** Windows of whole months in a zone's calendar, shifted by an offset. */
export interface CalendarWindow {
  readonly kind: 'calendar';
  readonly months: number;
  readonly offsetMonths: number;
  /** Ticks. */
  readonly offset: number;
  readonly zone: string;
  readonly precision: Precision;
}

/** A filter. `index` counts in `scan.columns`. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'test'; readonly operand: Operand; readonly test: Test }
  | { readonly kind: 'constant'; readonly value: boolean };

export type Operand =
  | { readonly source: 'column'; readonly index: number }
  | { readonly source: 'tag'; readonly colId: number }
  | { readonly source: 'tbname' };

export type Test =
  /** Within `[low, high]`; negated: outside. NULL never passes, except that a tag's NULL is outside. */
  | {
      readonly kind: 'range';
      readonly low: number | bigint;
      readonly high: number | bigint;
      readonly negated: boolean;
    }
  | { readonly kind: 'text'; readonly bytes: Uint8Array; readonly negated: boolean }
  /** `%` any run, `_` one character (NCHAR) or byte (BINARY), letters without regard to case. */
  | { readonly kind: 'like'; readonly pattern: Uint8Array; readonly characters: boolean }
  | { readonly kind: 'null'; readonly negated: boolean }
  | { readonly kind: 'names'; readonly names: readonly string[] };

/** Arithmetic in doubles over numeric inputs: scan columns of a row, or results of functions. */
export type Arithmetic =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'number'; readonly value: number }
  | {
      readonly kind: 'binary';
      readonly op: '+' | '-' | '*' | '/' | '%';
      readonly left: Arithmetic;
      readonly right: Arithmetic;
    };
