/**
 * Layouts: which columns a block has, shared by all blocks that look alike. There are few (one a stable and schema
 * version), so they are objects, while blocks never are.
 *
 * On disk: u32 schema version, u32 columns; a column is u16 colId, u8 type, u8 0; padded to 8. Columns ascend by colId.
 */
import { assert } from '@tdnode/common';
import type { SqlType } from '@tdnode/common';
import { align8 } from '../codec/aligned-bytes.ts';
import type { AlignedBytes } from '../codec/aligned-bytes.ts';
import { recordBytes } from './segment-format.ts';

/** A column without its values. */
export interface ColumnKind {
  readonly colId: number;
  readonly type: SqlType;
}

/** The columns of blocks that look alike. */
export interface Layout {
  readonly schemaVersion: number;
  readonly colIds: Uint16Array;
  readonly types: Uint8Array;
  /** Where each column's record begins in the block's records. */
  readonly recordAt: Uint32Array;
}

/** The columns of a layout. */
export function columnKinds(layout: Layout): ColumnKind[] {
  return Array.from(layout.colIds, (colId, i) => ({ colId, type: layout.types[i]! as SqlType }));
}

/** Index of a column in a layout, or -1. */
export function findColumn(layout: Layout, colId: number): number {
  const { colIds } = layout;
  let low = 0;
  let high = colIds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (colIds[middle]! < colId) low = middle + 1;
    else high = middle;
  }
  return low < colIds.length && colIds[low] === colId ? low : -1;
}

/** The layouts of a segment being written. */
export class LayoutTable {
  readonly layouts: Layout[] = [];
  #last = -1;

  /** The number of the layout with these columns, which ascend by colId. */
  numberOf(schemaVersion: number, columns: readonly ColumnKind[]): number {
    // Blocks of a stable follow each other.
    const last = this.layouts[this.#last];
    if (last === undefined || !matches(last, schemaVersion, columns)) {
      this.#last = this.layouts.findIndex((layout) => matches(layout, schemaVersion, columns));
    }
    if (this.#last < 0) {
      assert(this.layouts.length < 65_535, 'layouts of a segment fit 16 bits');
      const colIds = Uint16Array.from(columns, (column) => column.colId);
      const types = Uint8Array.from(columns, (column) => column.type);
      this.#last = this.layouts.push(makeLayout(schemaVersion, colIds, types)) - 1;
    }
    return this.#last;
  }

  append(out: AlignedBytes): void {
    for (const { schemaVersion, colIds, types } of this.layouts) {
      out.reserve(16 + 4 * colIds.length);
      out.words[out.size >> 2] = schemaVersion;
      out.words[(out.size >> 2) + 1] = colIds.length;
      out.size += 8;
      for (let i = 0; i < colIds.length; i++) {
        out.words[out.size >> 2] = colIds[i]! | (types[i]! << 16);
        out.size += 4;
      }
      out.align();
    }
  }
}

/** Reads `count` layouts from `at`; undefined where they don't end with `bytes`. */
export function readLayouts(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  count: number,
): Layout[] | undefined {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  const layouts: Layout[] = [];
  let offset = at;
  for (let i = 0; i < count; i++) {
    const columns = words[(offset >> 2) + 1] ?? -1;
    const from = (offset >> 2) + 2;
    offset = align8(offset + 8 + 4 * columns);
    if (columns < 0 || offset > bytes.length) return undefined;
    const entries = words.subarray(from, from + columns);
    const colIds = Uint16Array.from(entries, (entry) => entry & 0xffff);
    const types = Uint8Array.from(entries, (entry) => (entry >>> 16) & 0xff);
    layouts.push(makeLayout(words[from - 2]!, colIds, types));
  }
  return offset === bytes.length ? layouts : undefined;
}

function makeLayout(schemaVersion: number, colIds: Uint16Array, types: Uint8Array): Layout {
  const recordAt = new Uint32Array(colIds.length + 1);
  for (let i = 0; i < types.length; i++) {
    recordAt[i + 1] = recordAt[i]! + recordBytes(types[i]! as SqlType);
  }
  return { schemaVersion, colIds, types, recordAt };
}

function matches(layout: Layout, schemaVersion: number, columns: readonly ColumnKind[]): boolean {
  if (layout.schemaVersion !== schemaVersion) return false;
  if (layout.colIds.length !== columns.length) return false;
  for (let i = 0; i < columns.length; i++) {
    if (layout.colIds[i] !== columns[i]!.colId || layout.types[i] !== columns[i]!.type)
      return false;
  }
  return true;
}
