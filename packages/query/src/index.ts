/** Planning and running of SELECT: bind, split, operators, functions, merge. */
export type { BlockCursor, ColumnStats, Scan, ScanBlock, ScanSpec, ScanTable } from './scan.ts';
export { tablesOf } from './plan/tables-of.ts';
export type { TableName } from './plan/tables-of.ts';
export { planSelect } from './plan/plan-select.ts';
export type {
  MergeSpec,
  PlanColumn,
  PlanEnvironment,
  PlanTable,
  PlanTarget,
  QueryPlan,
} from './plan/metadata.ts';
export type { Fragment } from './plan/fragment.ts';
export { runFragment } from './exec/run-fragment.ts';
export { mergeResults } from './exec/merge-results.ts';
export { runPlan } from './exec/run-plan.ts';
export type { PlanHost } from './exec/run-plan.ts';
export { planStream } from './plan/plan-stream.ts';
export type { StreamPlan } from './plan/plan-stream.ts';
export type { WindowCutter } from './operators/window.ts';
export { planDelete } from './plan/plan-delete.ts';
export type { DeletePlan } from './plan/plan-delete.ts';
export { explainPlan } from './plan/explain.ts';
export { decodeCounts } from './exec/counting-scan.ts';
export type { ScanCounts } from './exec/counting-scan.ts';
