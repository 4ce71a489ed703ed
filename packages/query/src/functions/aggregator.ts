/**
 * What an aggregate function is: one declaration (argument types, result type, what it shares with whom)
 * and an aggregator, the state of all groups of one call as arrays indexed by slot.
 *
 * Life of an aggregator in a fragment: `grow`, then any mix of `addStats` and `add`, then `partial`. At the
 * coordinator: `grow`, `merge` for every row of every fragment, then `result`. Merging the partial states
 * of any division of the rows gives what one aggregator would have given (up to rounding of doubles).
 *
 * Invariants: slots are dense from 0; `add` gets rows that all passed the filter, ascending in time;
 * nothing handed in is kept, values that must last are copied.
 */
import type { ColumnStats, ScanBlock } from '../scan.ts';
import type { SqlType, Vector } from '@tdnode/common';
import type { FunctionCall } from '../plan/fragment.ts';

/** Rows `[from, to)` of an input and their times. Reused by the caller. */
export interface RowRange {
  ts: Float64Array;
  from: number;
  to: number;
}

export interface Aggregator {
  /** Makes room for slots `[0, slots)`. */
  grow(slots: number): void;
  /** Takes rows of one table. `origin` stands for that table in `origins`. */
  add(slot: number, input: Vector, range: RowRange, origin: number): void;
  /** Takes a whole block by its statistics; false: not possible, `add` its rows instead. */
  addStats(slot: number, stats: ColumnStats | undefined, block: ScanBlock, origin: number): boolean;
  /** State of slots `[0, slots)`, one row a slot (or one an entry, see `entrySlots`). */
  partial(slots: number): Vector[];
  /** Takes row `row` of another's `partial`. True: a value now comes from there, remember `origin`. */
  merge(slot: number, partial: readonly Vector[], row: number, origin: number): boolean;
  /** Whether the slot has anything to say: a row whose calls all say nothing is dropped. */
  hasResult(slot: number): boolean;
  /** Results of slots `[0, slots)`, one a slot (or one an entry). */
  result(slots: number): Vector;
  /** `top`, `bottom`: the slot of each entry, in the order of `partial` and `result`. */
  entrySlots?(slots: number): Uint32Array;
  /** Selectors: time of the row taken, one a slot or entry. */
  times?(slots: number): Float64Array;
  /** Selectors: `origin` of the row taken, one a slot or entry. */
  origins?(slots: number): Int32Array;
  /**
   * Functions of neighbouring windows: called at the coordinator before `result`, once a group, with the group's slots
   * in time order and the bounds `[start, end)` of their windows.
   */
  link?(slots: readonly number[], bounds: (slot: number) => readonly [number, number]): void;
  /** In a fragment with windows made by the rows, whose last window goes on in the first: called at the end. */
  wrap?(first: number, last: number): void;
  /** Bytes held beyond the fixed room a slot; for functions that keep values. */
  heldBytes?(): number;
}

export type FunctionFamily = 'aggregate' | 'last_row' | 'entries' | 'diff' | 'interp';

/** A constant argument: 1 to 100 entries, a percentage, any number. */
export type ParameterKind = 'entries' | 'percent' | 'number';

/** What the user's reference says of a function. */
export interface FunctionDoc {
  readonly usage: string;
  readonly says: string;
  /** What of the blocks' statistics it answers from, without decoding. */
  readonly statistics: string;
  /** A statement over the reference's example tables; tests run it. */
  readonly example: string;
}

export interface FunctionDefinition {
  readonly name: string;
  /** Takes values of one of its rows, so that time and tags of that row may be asked for. */
  readonly isSelector: boolean;
  /** Calls of one family may stand together; `entries` stands alone. */
  readonly family: FunctionFamily;
  /** Several arguments or `*`: one call a column. */
  readonly isExpandable: boolean;
  /** The constant arguments after the column. */
  readonly parameters: readonly ParameterKind[];
  /** Whether it may run over a stable; `by-name`: only grouped by tbname. */
  readonly onStables: 'yes' | 'no' | 'by-name';
  readonly doc: FunctionDoc;
  /** Which columns it takes; `isTime`: the primary time column. */
  accepts(type: SqlType, isTime: boolean): boolean;
  /** Says in its own words why a type is not accepted; else the words are the same for all functions. */
  refusal?(type: SqlType): string | undefined;
  /** Type and bytes of the result, given those of the column. */
  result(type: SqlType, bytes: number): { readonly type: SqlType; readonly bytes: number };
  /** How many columns `partial` has. */
  readonly partialColumns: number;
  create(call: FunctionCall): Aggregator;
}

/** A doubled copy of a typed array with room for `slots`, filled with `empty` behind the old end. */
export function grown(array: Float64Array, slots: number, empty: number): Float64Array {
  if (slots <= array.length) return array;
  const larger = new Float64Array(Math.max(slots, array.length * 2, 16));
  larger.set(array);
  if (empty !== 0) larger.fill(empty, array.length);
  return larger;
}

/** The same for 32-bit integers, filled with -1. */
export function grownInts(array: Int32Array, slots: number): Int32Array {
  if (slots <= array.length) return array;
  const larger = new Int32Array(Math.max(slots, array.length * 2, 16));
  larger.set(array);
  larger.fill(-1, array.length);
  return larger;
}
