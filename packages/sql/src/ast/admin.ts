/** Statements that administer databases, users, accounts, dnodes and running work. */
import type { Literal, Option, TableName, Word } from './name.ts';
import type { Expression } from './expression.ts';
import type { SelectStatement } from './select.ts';
import type { Span } from './span.ts';

/** `create database [if not exists] d options`, `create topic …`: options in written order, repeats kept. */
export interface CreateDatabase extends Span {
  readonly kind: 'createDatabase';
  /** Written `create topic`: a database that takes `partitions` too. */
  readonly topic: boolean;
  readonly ifNotExists: boolean;
  readonly name: string;
  readonly options: readonly Option[];
}

/** `alter database d options`, `alter topic …`. */
export interface AlterDatabase extends Span {
  readonly kind: 'alterDatabase';
  readonly topic: boolean;
  readonly name: string;
  readonly options: readonly Option[];
}

/** `drop database [if exists] d`, `drop topic …`. */
export interface DropDatabase extends Span {
  readonly kind: 'dropDatabase';
  readonly topic: boolean;
  readonly ifExists: boolean;
  readonly name: string;
}

/** `use name`. */
export interface UseDatabase extends Span {
  readonly kind: 'use';
  readonly name: string;
}

/** `syncdb d replica`: asks for a database's replicas to be synchronised; does nothing in 2.1.2. */
export interface SyncDatabase extends Span {
  readonly kind: 'syncDatabase';
  readonly name: string;
}

/** What plain `show` lists. */
export type ShowWhat =
  | 'accounts'
  | 'connections'
  | 'databases'
  | 'dnodes'
  | 'grants'
  | 'mnodes'
  | 'modules'
  | 'queries'
  | 'scores'
  | 'stables'
  | 'streams'
  | 'tables'
  | 'topics'
  | 'users'
  | 'variables'
  | 'vgroups'
  | 'vnodes';

/** `show what`: `db` of `show d.tables`, `like` of tables and stables, `argument` of vgroups (a table) and vnodes. */
export interface Show extends Span {
  readonly kind: 'show';
  readonly what: ShowWhat;
  readonly db: string | undefined;
  readonly like: Word | undefined;
  readonly argument: Word | undefined;
}

/** `show create database d`. */
export interface ShowCreateDatabase extends Span {
  readonly kind: 'showCreateDatabase';
  readonly name: string;
}

/** `show create table t`, `show create stable t`. */
export interface ShowCreateTable extends Span {
  readonly kind: 'showCreateTable';
  /** Written `show create stable`. */
  readonly stable: boolean;
  readonly table: TableName;
}

/** `create user u pass 'p'`: the password must be quoted, which meaning checks. */
export interface CreateUser extends Span {
  readonly kind: 'createUser';
  readonly name: string;
  readonly password: Word;
}

/** `alter user u pass 'p'` or `alter user u privilege read`: exactly one of the two is there. */
export interface AlterUser extends Span {
  readonly kind: 'alterUser';
  readonly name: string;
  readonly password: Word | undefined;
  readonly privilege: Word | undefined;
}

/** `drop user name`. */
export interface DropUser extends Span {
  readonly kind: 'dropUser';
  readonly name: string;
}

/** `create account a pass 'p' options`. */
export interface CreateAccount extends Span {
  readonly kind: 'createAccount';
  readonly name: string;
  readonly password: Word;
  readonly options: readonly Option[];
}

/** `alter account a [pass 'p'] options`. */
export interface AlterAccount extends Span {
  readonly kind: 'alterAccount';
  readonly name: string;
  readonly password: Word | undefined;
  readonly options: readonly Option[];
}

/** `drop account name`. */
export interface DropAccount extends Span {
  readonly kind: 'dropAccount';
  readonly name: string;
}

/** `create dnode 'fqdn:port'`: the end point as written. */
export interface CreateDnode extends Span {
  readonly kind: 'createDnode';
  readonly endPoint: string;
}

/** `drop dnode 'fqdn:port'` or `drop dnode 2`. */
export interface DropDnode extends Span {
  readonly kind: 'dropDnode';
  readonly dnode: string;
}

/** `alter dnode 1 debugflag 131`, `alter dnode 'fqdn:port' resetlog`: `name` lower-cased. */
export interface AlterDnode extends Span {
  readonly kind: 'alterDnode';
  readonly dnode: string;
  readonly name: string;
  readonly value: Word | undefined;
}

/** `alter local resetlog`, `alter local debugflag 131`: `name` lower-cased. */
export interface AlterLocal extends Span {
  readonly kind: 'alterLocal';
  readonly name: string;
  readonly value: Word | undefined;
}

/** `reset query cache`. */
export interface ResetQueryCache extends Span {
  readonly kind: 'resetQueryCache';
}

/** `kill connection 1`, `kill query 1:2`, `kill stream 1:2`. */
export interface Kill extends Span {
  readonly kind: 'kill';
  readonly what: 'connection' | 'query' | 'stream';
  /** As written: `1` or `1:2`. */
  readonly id: string;
}

/** `compact vnodes in (2, 3)`. */
export interface CompactVnodes extends Span {
  readonly kind: 'compactVnodes';
  readonly vgIds: readonly Literal[];
}

/** `explain [analyze] select …`; not in 2.1.2. */
export interface Explain extends Span {
  readonly kind: 'explain';
  readonly analyze: boolean;
  readonly select: SelectStatement;
}

/** `delete from t where …`; not in 2.1.2. Without `where` it does not parse. */
export interface Delete extends Span {
  readonly kind: 'delete';
  readonly table: TableName;
  readonly where: Expression;
}
