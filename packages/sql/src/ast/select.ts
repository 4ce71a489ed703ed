/** SELECT and what hangs on it. */
import type { Expression, DurationLiteral, ColumnReference } from './expression.ts';
import type { Span } from './span.ts';

/** One or more selects joined by `union all`. */
export interface SelectStatement extends Span {
  readonly kind: 'select';
  readonly branches: readonly SelectBranch[];
}

/** One select of a union, clause by clause. */
export interface SelectBranch extends Span {
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  /** Empty: `select server_version()` and the like. */
  readonly from: readonly FromItem[];
  readonly where: Expression | undefined;
  readonly window: WindowClause | undefined;
  readonly sliding: DurationLiteral | undefined;
  readonly fill: FillClause | undefined;
  readonly groupBy: readonly ColumnReference[];
  readonly having: Expression | undefined;
  readonly orderBy: readonly OrderItem[];
  readonly slimit: LimitClause | undefined;
  readonly limit: LimitClause | undefined;
}

/** One item between `select` and `from`. */
export interface SelectItem extends Span {
  readonly expression: Expression;
  /** Case as TDengine prints it in the head. */
  readonly alias: string | undefined;
  /** The expression's raw text, lower-cased as TDengine heads a column without alias. */
  readonly text: string;
}

/** One item behind `from`. */
export type FromItem = FromTable | FromSelect;

/** A table or stable, with its alias. */
export interface FromTable extends Span {
  readonly kind: 'table';
  readonly db: string | undefined;
  readonly name: string;
  readonly alias: string | undefined;
}

/** A nested select, with its alias. */
export interface FromSelect extends Span {
  readonly kind: 'subquery';
  readonly select: SelectStatement;
  readonly alias: string | undefined;
}

/** The clause that cuts rows into windows. */
export type WindowClause = IntervalWindow | SessionWindow | StateWindow;

/** `interval(width, offset)` with its `sliding`. */
export interface IntervalWindow extends Span {
  readonly kind: 'interval';
  readonly width: DurationLiteral;
  readonly offset: DurationLiteral | undefined;
}

/** `session(column, gap)`. */
export interface SessionWindow extends Span {
  readonly kind: 'session';
  readonly column: ColumnReference;
  readonly gap: DurationLiteral;
}

/** `state_window(column)`. */
export interface StateWindow extends Span {
  readonly kind: 'state';
  readonly column: ColumnReference;
}

/** `fill(mode, values…)`. */
export interface FillClause extends Span {
  readonly mode: string;
  readonly values: readonly Expression[];
}

/** One item of `order by`. */
export interface OrderItem extends Span {
  readonly expression: Expression;
  readonly descending: boolean;
}

/** `limit … offset …`, and `slimit … soffset …`. */
export interface LimitClause extends Span {
  readonly limit: number;
  readonly offset: number;
}
