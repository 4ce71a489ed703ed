/** Expressions: plain readonly unions with `kind`, no methods. Names are lower-cased, texts are as written. */
import type { Span } from './span.ts';

/** Any expression. */
export type Expression =
  | NumberLiteral
  | StringLiteral
  | BoolLiteral
  | NullLiteral
  | DurationLiteral
  | NowLiteral
  | ColumnReference
  | Star
  | Call
  | Unary
  | Binary
  | Between
  | InList
  | IsNull;

/** `12`, `1.5e3`, `0x1F`: `text` as written, without sign. */
export interface NumberLiteral extends Span {
  readonly kind: 'number';
  readonly form: 'integer' | 'float' | 'hex' | 'binary';
  readonly text: string;
}

/** `'…'` or `"…"`: `value` with doubled quotes and escapes undone as TDengine undoes them. */
export interface StringLiteral extends Span {
  readonly kind: 'string';
  readonly value: string;
}

/** `true` or `false`. */
export interface BoolLiteral extends Span {
  readonly kind: 'bool';
  readonly value: boolean;
}

/** `null`. */
export interface NullLiteral extends Span {
  readonly kind: 'null';
}

/** `10s`, `1n`: amount and unit. */
export interface DurationLiteral extends Span {
  readonly kind: 'duration';
  readonly amount: number;
  readonly unit: DurationUnit;
}
/** Units of a duration, smallest first; `n` months and `y` years have no fixed length. */
export type DurationUnit = 'b' | 'u' | 'a' | 's' | 'm' | 'h' | 'd' | 'w' | 'n' | 'y';

/** `now`: the time at which the statement began. */
export interface NowLiteral extends Span {
  readonly kind: 'now';
}

/** `a`, `t.a`, `_c0`, `tbname`: qualifier and name, lower-cased. */
export interface ColumnReference extends Span {
  readonly kind: 'column';
  readonly table: string | undefined;
  readonly name: string;
}

/** `*` or `t.*`. */
export interface Star extends Span {
  readonly kind: 'star';
  readonly table: string | undefined;
}

/** `f(x, …)`: name lower-cased; `f()` has no arguments. */
export interface Call extends Span {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
}

/** A sign or `not` before an operand. */
export interface Unary extends Span {
  readonly kind: 'unary';
  readonly op: '-' | '+' | 'not';
  readonly operand: Expression;
}

/** Operators between two operands. */
export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | 'and'
  | 'or'
  | 'like';

/** `left op right`. */
export interface Binary extends Span {
  readonly kind: 'binary';
  readonly op: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** `operand between low and high`, both included. */
export interface Between extends Span {
  readonly kind: 'between';
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
}

/** `operand in (…)`. */
export interface InList extends Span {
  readonly kind: 'in';
  readonly operand: Expression;
  readonly items: readonly Expression[];
}

/** `operand is null`, or `is not null`. */
export interface IsNull extends Span {
  readonly kind: 'isNull';
  readonly operand: Expression;
  readonly negated: boolean;
}
