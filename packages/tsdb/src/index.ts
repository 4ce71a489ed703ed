export { Store } from './store/store.ts';
export type { StoreOptions, StoreStats } from './store/options.ts';
export type { BlockCursor, ColumnStats, CursorSpec, LastRow, ScanBlock } from './cursor/scan.ts';
