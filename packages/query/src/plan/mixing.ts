/** Which functions may stand together, and which may run over a stable. */
import { invalidOperation } from '@tdnode/common';
import type { BoundCall } from './bound-item.ts';
import type { Branch } from './branch.ts';
import type { GroupKey } from './fragment.ts';

const MIXED_UP = 'functions or others can not be mixed up';
/** Refusal of a function, or a kind of window, that knows one table only. */
export const NOT_FOR_STABLES = 'function not support for super table query';

/** Refuses calls that cannot stand together. */
export function checkFamilies(branch: Branch, calls: readonly BoundCall[]): void {
  const { clauses, items } = branch;
  // Filtered, `last_row` is an aggregate like any other; alone it has a way of its own.
  const isFiltered = clauses.where !== undefined;
  const families = new Set(
    calls.map(({ definition: { family } }) => {
      return family === 'last_row' && isFiltered ? 'aggregate' : family;
    }),
  );
  if (families.size > 1) throw invalidOperation(MIXED_UP);
  if (families.has('last_row') && clauses.window !== undefined) throw invalidOperation(MIXED_UP);
  if (families.has('diff') && items.length > 1) throw invalidOperation(MIXED_UP);
  if (!families.has('entries')) return;
  const at = items.findIndex((item) => item.kind === 'call');
  const before = items.slice(0, at);
  const after = items.slice(at + 1);
  const isMixed = calls.length > 1 || before.some((item) => item.kind === 'time');
  if (isMixed || after.some((item) => item.kind === 'column')) throw invalidOperation(MIXED_UP);
}

/** Refuses what needs the rows of one table in their order, over a stable. */
export function checkStable(
  branch: Branch,
  calls: readonly BoundCall[],
  keys: readonly GroupKey[],
): void {
  if (!branch.scope.isStable) return;
  if (calls.some((call) => call.definition.onStables === 'no'))
    throw invalidOperation(NOT_FOR_STABLES);
  const byName = calls.find((call) => call.definition.onStables === 'by-name');
  if (byName !== undefined) {
    const name = byName.definition.name.toUpperCase();
    if (keys.length === 0)
      throw invalidOperation(`${name} not allowed to apply to super table directly`);
    if (keys.length > 1 || keys[0]!.kind !== 'tbname')
      throw invalidOperation(`${name} only support group by tbname for super table query`);
  }
  const { window } = branch.clauses;
  if (window?.kind === 'session' || window?.kind === 'state') {
    throw invalidOperation(NOT_FOR_STABLES);
  }
}
