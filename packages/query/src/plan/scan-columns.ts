/** The columns a fragment reads: each once, numbered in the order they are first needed. */
import type { Column } from '@tdnode/common';
import type { Arithmetic, ScanColumn } from './fragment.ts';

export class ScanColumns {
  readonly #columns: ScanColumn[] = [];

  get list(): readonly ScanColumn[] {
    return this.#columns;
  }

  /** Number of the column, added if it is new. */
  index(column: Column): number {
    const known = this.#columns.findIndex((one) => one.colId === column.colId);
    if (known >= 0) return known;
    return this.#columns.push({ colId: column.colId, type: column.type }) - 1;
  }
}

/** The tree with its inputs renumbered. */
export function mapInputs(tree: Arithmetic, index: (input: number) => number): Arithmetic {
  switch (tree.kind) {
    case 'input':
      return { kind: 'input', index: index(tree.index) };
    case 'number':
      return tree;
    case 'binary':
      return { ...tree, left: mapInputs(tree.left, index), right: mapInputs(tree.right, index) };
  }
}
