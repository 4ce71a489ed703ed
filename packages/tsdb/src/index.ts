export { Store } from './store/store.ts';
export type { StoreOptions, StoreStats } from './store/options.ts';
export type { BlockCursor, ColumnStats, CursorSpec, LastRow, ScanBlock } from './cursor/scan.ts';
export { checkStore, storeSummary } from './integrity/check.ts';
export type { AffectedRows, StoreCheck, StoreDamage, StoreFileCheck } from './integrity/check.ts';
export { repairStore } from './integrity/repair.ts';
export type { StoreKnowledge, StoreRepair } from './integrity/repair.ts';
export type { KnownDelete } from './integrity/deletes.ts';
