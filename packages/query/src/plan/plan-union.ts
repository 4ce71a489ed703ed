/** `union all`: the rows of one select after those of another; heads and types must be the same. */
import { invalidOperation } from '@tdnode/common';
import type { PlanColumn, PlanEnvironment, QueryPlan } from './metadata.ts';

/** The plan of the branches' answers, one after the other. */
export function planUnion(branches: readonly QueryPlan[], environment: PlanEnvironment): QueryPlan {
  const [first, ...more] = branches.map((branch) => branch.columns);
  return {
    columns: more.reduce(joinHeads, first!),
    precision: environment.precision,
    targets: [],
    merge: { kind: 'union', branches },
    memoryBudgetBytes: environment.memoryBudgetBytes,
  };
}

/** Strings may differ in their width: the answer has the larger one. */
function joinHeads(left: readonly PlanColumn[], right: readonly PlanColumn[]): PlanColumn[] {
  const isSame =
    left.length === right.length &&
    left.every((head, i) => head.name === right[i]!.name && head.type === right[i]!.type);
  if (!isSame) throw invalidOperation('columns in select clause not identical');
  return left.map((head, i) => ({ ...head, bytes: Math.max(head.bytes, right[i]!.bytes) }));
}
