/**
 * What the planner must know of the world: metadata of the tables named in the statement, the clock, the
 * time zone. Structural types only, so that this package needs neither rpc nor mnode.
 */
import type { Precision, Schema, SqlType, TableKind, TimeZone } from '@tdnode/common';
import type { AggregateFragment, Arithmetic, Condition, FillMode, Fragment } from './fragment.ts';

/** A table or stable as the mnode describes it. */
export interface PlanTable {
  readonly uid: number;
  readonly db: string;
  readonly name: string;
  readonly kind: TableKind;
  /** 0 for a stable. */
  readonly vgId: number;
  /** Shared between the child tables of a stable. */
  readonly schema: Schema;
}

/** Everything a plan depends on besides the statement. */
export interface PlanEnvironment {
  /** The table, or undefined when there is none such; `db` undefined means the session's database. */
  table(db: string | undefined, name: string): PlanTable | undefined;
  /** The vgroups of a database. */
  vgroups(db: string): readonly number[];
  /** The session's database, or undefined. */
  readonly db: string | undefined;
  readonly user: string;
  /** What `server_version()` and `client_version()` answer. */
  readonly version: string;
  /** Precision of the database of the tables. */
  readonly precision: Precision;
  readonly timeZone: TimeZone;
  /** The statement's `now`, a stored time of `precision`. */
  readonly now: number;
  /** Heads of `last(*)` are the bare column names (keepColumnName). */
  readonly keepColumnName: boolean;
  /** Bytes a query may hold at the coordinator and in each fragment. */
  readonly memoryBudgetBytes: number;
}

/** Head of a result column. */
export interface PlanColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly bytes: number;
}

/** Where one fragment runs. */
export interface PlanTarget {
  readonly vgId: number;
  readonly fragment: Fragment;
}

/** How the coordinator makes the answer out of the fragments' batches. */
export interface QueryPlan {
  readonly columns: readonly PlanColumn[];
  readonly precision: Precision;
  readonly targets: readonly PlanTarget[];
  readonly merge: MergeSpec;
  readonly memoryBudgetBytes: number;
  /** In place of `targets`: a fragment that runs at the coordinator. */
  readonly local?: LocalRows;
}

/** A fragment over rows that no vnode has as they are. */
export interface LocalRows {
  readonly fragment: Fragment;
  readonly source: RowSource;
  /** What the fragment wants: rows as they come, or by time. */
  readonly order: 'none' | 'ascending' | 'descending';
  /** Times wanted, ticks, both ends included. */
  readonly from: number;
  readonly to: number;
}

export type RowSource = NestedSource | JoinSource;

/** The answer of an inner select; its column `i` has the colId `i + 1`. */
export interface NestedSource {
  readonly kind: 'plan';
  readonly plan: QueryPlan;
  /** Number of the column that times the rows; undefined: none, rows are numbered. */
  readonly timeAt: number | undefined;
}

/** Rows of several inputs that have the same time and the same keys, side by side. */
export interface JoinSource {
  readonly kind: 'join';
  readonly inputs: readonly JoinInput[];
  /** What the joined rows consist of; column `i` has the colId `colIds[i]`. The first is the time. */
  readonly columns: readonly JoinColumn[];
  readonly descending: boolean;
}

/** Rows in time order; column 0 is the time. */
export interface JoinInput {
  readonly plan: QueryPlan;
  /** Numbers of the columns that must be equal; one list entry a key, undefined where the input has not this key. */
  readonly keys: readonly (number | undefined)[];
  /** No two rows have the same time. */
  readonly hasUniqueTimes: boolean;
}

export interface JoinColumn {
  readonly colId: number;
  readonly input: number;
  /** Number of the column in the input. */
  readonly index: number;
  readonly type: SqlType;
}

export type MergeSpec =
  | UnionMerge
  | ConstantMerge
  | ConcatMerge
  | OrderedMerge
  | DistinctMerge
  | AggregateMerge;

/** The answers of other plans, one after the other. */
export interface UnionMerge {
  readonly kind: 'union';
  readonly branches: readonly QueryPlan[];
}

/** Rows known without asking anybody: `select server_version()`. */
export interface ConstantMerge {
  readonly kind: 'constant';
  readonly rows: readonly (readonly (number | string | null)[])[];
}

/** Rows in any order. */
export interface ConcatMerge extends RowLimit {
  readonly kind: 'concat';
}

/** Streams ordered by their last column, which is not part of the answer. */
export interface OrderedMerge extends RowLimit {
  readonly kind: 'ordered';
  readonly descending: boolean;
}

/** One column without NULL and without repetition, ascending. */
export interface DistinctMerge extends RowLimit {
  readonly kind: 'distinct';
  readonly descending: boolean;
}

/** Partial states, merged by group and window. */
export interface AggregateMerge extends RowLimit {
  readonly kind: 'aggregate';
  readonly shape: AggregateShape;
  readonly outputs: readonly AggregateOutput[];
  readonly order: AggregateOrder;
  /** Rows that stay; its columns are the results of `shape.functions`. Undefined: all. */
  readonly having: Condition | undefined;
  /** Windows and values to be put in; undefined: none. */
  readonly fill: FillSpec | undefined;
  /** Rows without any result stay (grouped by a column); else they are dropped. */
  readonly keepsEmptyRows: boolean;
  /** `slimit`, `soffset`: which groups. */
  readonly groups: RowLimit;
}

/** The fill clause: every window from that of `from` to that of `to` has a row in each group that has any. */
export interface FillSpec {
  readonly mode: Exclude<FillMode, 'none'>;
  /** Ticks, both ends included. */
  readonly from: number;
  readonly to: number;
  /** `value`: the value of each output; NULL where it has none. */
  readonly values: readonly (number | null)[];
}

/** What the fragments of an aggregate have in common. */
export type AggregateShape = Pick<
  AggregateFragment,
  'functions' | 'groupBy' | 'window' | 'companions' | 'companionOf' | 'memoryBudgetBytes'
>;

export interface AggregateOrder {
  /** Groups ascend or descend by key, or stand in order of appearance (one table grouped by a column). */
  readonly groups: 'ascending' | 'descending' | 'appearance';
  readonly windowsDescending: boolean;
  /** Rows of `top` and `bottom`: by time or by value. */
  readonly entries: 'time' | 'value';
  readonly entriesDescending: boolean;
}

/** Where a column of an aggregate's answer comes from. */
export type AggregateOutput =
  | { readonly kind: 'window' }
  | { readonly kind: 'function'; readonly index: number }
  | { readonly kind: 'group'; readonly index: number }
  | { readonly kind: 'companion'; readonly index: number }
  /** Time of the row a selector took (first column of `top`). */
  | { readonly kind: 'time' }
  | { readonly kind: 'constant'; readonly value: number | string }
  | { readonly kind: 'arithmetic'; readonly expression: Arithmetic };

export interface RowLimit {
  /** Undefined: all. */
  readonly limit: number | undefined;
  readonly offset: number;
}
