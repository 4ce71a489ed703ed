/** Productions for users and accounts. */
import type * as ast from '../ast/admin.ts';
import type { Cursor } from './cursor.ts';
import { namesByKind, parseOptions } from './database.ts';
import { parseName, parseWord } from './name.ts';

const accountOptions = namesByKind([
  'pps',
  'tseries',
  'storage',
  'streams',
  'qtime',
  'dbs',
  'users',
  'conns',
  'state',
]);

/** createUser ::= name 'pass' word */
export function parseCreateUser(cursor: Cursor, start: number): ast.CreateUser {
  const name = parseName(cursor, 'a user name');
  cursor.expectKeyword('pass');
  const password = parseWord(cursor, 'a password');
  return { kind: 'createUser', name, password, start, end: cursor.previousEnd };
}

/** alterUser ::= name ('pass' word | 'privilege' word) */
export function parseAlterUser(cursor: Cursor, start: number): ast.AlterUser {
  const name = parseName(cursor, 'a user name');
  let password: ast.AlterUser['password'];
  let privilege: ast.AlterUser['privilege'];
  if (cursor.optionalKeyword('pass')) password = parseWord(cursor, 'a password');
  else if (cursor.optionalKeyword('privilege')) privilege = parseWord(cursor, 'a privilege');
  else cursor.fail('pass or privilege');
  return { kind: 'alterUser', name, password, privilege, start, end: cursor.previousEnd };
}

/** dropUser ::= name */
export function parseDropUser(cursor: Cursor, start: number): ast.DropUser {
  const name = parseName(cursor, 'a user name');
  return { kind: 'dropUser', name, start, end: cursor.previousEnd };
}

/** createAccount ::= name 'pass' word option* */
export function parseCreateAccount(cursor: Cursor, start: number): ast.CreateAccount {
  const name = parseName(cursor, 'an account name');
  cursor.expectKeyword('pass');
  const password = parseWord(cursor, 'a password');
  const options = parseOptions(cursor, accountOptions);
  return { kind: 'createAccount', name, password, options, start, end: cursor.previousEnd };
}

/** alterAccount ::= name ('pass' word)? option* */
export function parseAlterAccount(cursor: Cursor, start: number): ast.AlterAccount {
  const name = parseName(cursor, 'an account name');
  const password = cursor.optionalKeyword('pass') ? parseWord(cursor, 'a password') : undefined;
  const options = parseOptions(cursor, accountOptions);
  return { kind: 'alterAccount', name, password, options, start, end: cursor.previousEnd };
}

/** dropAccount ::= name */
export function parseDropAccount(cursor: Cursor, start: number): ast.DropAccount {
  const name = parseName(cursor, 'an account name');
  return { kind: 'dropAccount', name, start, end: cursor.previousEnd };
}
