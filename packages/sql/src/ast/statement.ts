/**
 * Every statement of the dialect as one union by `kind`. Nodes are plain and readonly, carry their span,
 * and hold what was written: ranges, types and names are judged by those who execute them.
 */
import type * as admin from './admin.ts';
import type { SelectStatement } from './select.ts';
import type { Span } from './span.ts';
import type * as table from './table.ts';

/** Any statement. */
export type Statement =
  | SelectStatement
  | InsertStatement
  | TableStatement
  | DatabaseStatement
  | AdminStatement
  | admin.Explain
  | admin.Delete;

/** Statements on tables and stables. */
export type TableStatement =
  | table.CreateStable
  | table.CreateTable
  | table.CreateChildTables
  | table.CreateStream
  | table.DropTable
  | table.AlterTable
  | table.Describe;

/** Statements on databases. */
export type DatabaseStatement =
  | admin.CreateDatabase
  | admin.AlterDatabase
  | admin.DropDatabase
  | admin.UseDatabase
  | admin.SyncDatabase;

/** Statements that the mnode or this dnode answers: show, users, accounts, dnodes, kill. */
export type AdminStatement =
  | admin.Show
  | admin.ShowCreateDatabase
  | admin.ShowCreateTable
  | admin.CreateUser
  | admin.AlterUser
  | admin.DropUser
  | admin.CreateAccount
  | admin.AlterAccount
  | admin.DropAccount
  | admin.CreateDnode
  | admin.DropDnode
  | admin.AlterDnode
  | admin.AlterLocal
  | admin.ResetQueryCache
  | admin.Kill
  | admin.CompactVnodes;

/** `insert into …`, `import into …`: only where it begins; its rows are parsed from bytes by `insert/`. */
export interface InsertStatement extends Span {
  readonly kind: 'insert';
}

/** `kind` of a statement. */
export type StatementKind = Statement['kind'];
