/** Columns, tags and schemas as mnode, vnode and query share them. */
import type { SqlType } from './sql-type.ts';

/** Time precision of a database: ticks of 1 ms, 1 µs or 1 ns. */
export type Precision = 'ms' | 'us' | 'ns';

/** A column or tag of a schema. */
export interface Column {
  readonly name: string;
  readonly type: SqlType;
  /** Declared length: bytes of the type; for BINARY bytes, for NCHAR characters. */
  readonly bytes: number;
  /** Never reused within a schema, so that old blocks name the right column. The time column is 1. */
  readonly colId: number;
}

/** Columns of a stable or of a normal table, as of one version. */
export interface Schema {
  /** Grows by one with each change; blocks carry the version they were written under. */
  readonly version: number;
  /** The first is the primary time column. */
  readonly columns: readonly Column[];
  /** Tags of a stable; empty for a normal table. Ids are a sequence of their own. */
  readonly tags: readonly Column[];
}

/** What a table may be. */
export type TableKind = 'normal' | 'child' | 'stable';

/** One tag value: numbers and BOOL (0/1) as number, 64-bit values beyond ±2⁵³ as bigint, strings as bytes (UTF-8). */
export type TagValue = null | number | bigint | Uint8Array;
