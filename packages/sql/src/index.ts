export type * from './ast/span.ts';
export type * from './ast/name.ts';
export type * from './ast/expression.ts';
export type * from './ast/select.ts';
export type * from './ast/table.ts';
export type * from './ast/admin.ts';
export type * from './ast/statement.ts';
