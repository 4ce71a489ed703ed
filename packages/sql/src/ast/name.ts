/**
 * Words, names and signed literals: the leaves that definition and administration statements share.
 *
 * Names are lower-cased, quoted or not, because TDengine's names are; words that are not names (passwords,
 * option values, end points) keep their case.
 */
import type { Span } from './span.ts';

/** `a`, `'a'`: an identifier or a string where the grammar takes either; `text` without quotes, case as written. */
export interface Word extends Span {
  readonly kind: 'word';
  readonly text: string;
  readonly quoted: boolean;
}

/** `t`, `db.t`, `'t'`: lower-cased; `db` is undefined when the statement names none. */
export interface TableName extends Span {
  readonly kind: 'tableName';
  readonly db: string | undefined;
  readonly name: string;
}

/** A tag or option value: `1`, `-2.5`, `'x'`, `true`, `null`. */
export interface Literal extends Span {
  readonly kind: 'literal';
  readonly form: 'integer' | 'float' | 'string' | 'bool' | 'null';
  /** Numbers as written, a minus in front, no plus; strings with quotes and escapes undone; `true`, `false`, `null`. */
  readonly text: string;
}

/** `name type`, `name type(length)`, `name type unsigned` in a column or tag list. */
export interface ColumnDefinition extends Span {
  readonly kind: 'columnDefinition';
  readonly name: string;
  /** Lower-cased, with ` unsigned` behind it where written; not checked: `nosuch` parses. */
  readonly type: string;
  /** `(n)`: the number as written, may be negative; undefined without parentheses. */
  readonly length: number | undefined;
}

/** `cache 16`, `keep 10,20`, `precision 'us'`: name lower-cased, values unchecked. */
export interface Option extends Span {
  readonly kind: 'option';
  readonly name: string;
  readonly values: readonly Literal[];
}
