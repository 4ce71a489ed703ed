/** Statements on databases, users, accounts, dnodes and running work as SQL. */
import type * as ast from '../ast/admin.ts';
import type { AdminStatement, DatabaseStatement } from '../ast/statement.ts';
import type { Word } from '../ast/name.ts';
import {
  printDnode,
  printLiteral,
  printName,
  printOptions,
  printPattern,
  printTableName,
  printWord,
} from './name.ts';

/** SQL of a statement about databases. */
export function printDatabaseStatement(statement: DatabaseStatement): string {
  const name = printName(statement.name);
  switch (statement.kind) {
    case 'createDatabase': {
      const condition = statement.ifNotExists ? 'if not exists ' : '';
      return `create ${databaseOrTopic(statement)} ${condition}${name}${printOptions(statement.options)}`;
    }
    case 'alterDatabase':
      return `alter ${databaseOrTopic(statement)} ${name}${printOptions(statement.options)}`;
    case 'dropDatabase':
      return `drop ${databaseOrTopic(statement)} ${statement.ifExists ? 'if exists ' : ''}${name}`;
    case 'use':
      return `use ${name}`;
    case 'syncDatabase':
      return `syncdb ${name} replica`;
  }
}

function databaseOrTopic({ topic }: { readonly topic: boolean }): string {
  return topic ? 'topic' : 'database';
}

/** SQL of a statement about users, dnodes, settings and shows. */
export function printAdminStatement(statement: AdminStatement): string {
  switch (statement.kind) {
    case 'show':
      return printShow(statement);
    case 'showCreateDatabase':
      return `show create database ${printName(statement.name)}`;
    case 'showCreateTable':
      return `show create ${statement.stable ? 'stable' : 'table'} ${printTableName(statement.table)}`;
    case 'createDnode':
      return `create dnode ${printDnode(statement.endPoint)}`;
    case 'dropDnode':
      return `drop dnode ${printDnode(statement.dnode)}`;
    case 'alterDnode':
      return `alter dnode ${printDnode(statement.dnode)} ${printSetting(statement)}`;
    case 'alterLocal':
      return `alter local ${printSetting(statement)}`;
    case 'resetQueryCache':
      return 'reset query cache';
    case 'kill':
      return `kill ${statement.what} ${statement.id}`;
    case 'compactVnodes':
      return `compact vnodes in (${statement.vgIds.map(printLiteral).join(', ')})`;
    default:
      return printUserStatement(statement);
  }
}

function printShow({ what, db, like, argument }: ast.Show): string {
  const prefix = db === undefined ? '' : `${printName(db)}.`;
  const pattern = like === undefined ? '' : ` like ${printPattern(like)}`;
  return `show ${prefix}${what}${pattern}${argument === undefined ? '' : ` ${printWord(argument)}`}`;
}

function printSetting({ name, value }: ast.AlterLocal | ast.AlterDnode): string {
  return value === undefined ? printName(name) : `${printName(name)} ${printWord(value)}`;
}

type UserStatement =
  | ast.CreateUser
  | ast.AlterUser
  | ast.DropUser
  | ast.CreateAccount
  | ast.AlterAccount
  | ast.DropAccount;

function printUserStatement(statement: UserStatement): string {
  const name = printName(statement.name);
  switch (statement.kind) {
    case 'createUser':
      return `create user ${name}${printPassword(statement.password)}`;
    case 'alterUser': {
      const { password, privilege } = statement;
      const right = privilege === undefined ? '' : ` privilege ${printWord(privilege)}`;
      return `alter user ${name}${printPassword(password)}${right}`;
    }
    case 'dropUser':
      return `drop user ${name}`;
    case 'createAccount':
      return `create account ${name}${printPassword(statement.password)}${printOptions(statement.options)}`;
    case 'alterAccount':
      return `alter account ${name}${printPassword(statement.password)}${printOptions(statement.options)}`;
    case 'dropAccount':
      return `drop account ${name}`;
  }
}

function printPassword(password: Word | undefined): string {
  return password === undefined ? '' : ` pass ${printWord(password)}`;
}
