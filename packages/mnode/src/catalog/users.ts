/** Users, passwords, privileges; accounts, which this edition has not. */
import { ErrorCode, TaosError, invalidOperation } from '@tdnode/common';
import type { AdminResult, Session } from '@tdnode/rpc';
import {
  isIdentifier,
  type AlterUser,
  type CreateUser,
  type DropUser,
  type Word,
} from '@tdnode/sql';
import { hashPassword } from '../auth/password.ts';
import {
  commit,
  noRights,
  requireSuperRight,
  requireUser,
  stateOf,
  type Context,
} from '../context.ts';
import type { UserState } from '../sdb/state.ts';
import { done } from './databases.ts';

const NAME_BYTES_MAX = 23;
const PASSWORD_BYTES_MAX = 15;
/** Queue of the outbox that changes of users stand in: they concern no database. */
const NO_DB = '';

/** The user that every cluster begins with. */
export const ROOT = 'root';
/** Users of the server itself: nobody logs in as them, nobody changes them. */
const internalUsers: readonly string[] = ['_root', 'monitor'];

/** The users of a new cluster: root with its well-known password, and the internal ones without any. */
export async function firstUsers(created: number): Promise<UserState[]> {
  const none = { salt: new Uint8Array(0), hash: new Uint8Array(0) };
  return [
    { name: ROOT, privilege: 'super', ...(await hashPassword('taosdata')), created },
    ...internalUsers.map((name): UserState => ({ name, privilege: 'writable', ...none, created })),
  ];
}

export async function createUser(
  context: Context,
  statement: CreateUser,
  session: Session,
): Promise<AdminResult> {
  const { name } = statement;
  const password = checkedPassword(statement.password);
  if (!isIdentifier(name)) throw invalidOperation('invalid user name', name);
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) throw invalidOperation('name too long', name);
  requireSuperRight(context, session);
  requireNew(context, name);
  const hash = await hashPassword(password);
  requireNew(context, name);
  const user: UserState = { name, privilege: 'writable', ...hash, created: context.clock.now() };
  await commit(context, NO_DB, [{ kind: 'putUser', user }]);
  return done;
}

function requireNew(context: Context, name: string): void {
  if (stateOf(context).users.has(name))
    throw new TaosError(ErrorCode.MND_USER_ALREADY_EXIST, undefined, { detail: name });
}

/** The text of a password word; throws 512 as the real client does. */
function checkedPassword(word: Word): string {
  if (!word.quoted) throw invalidOperation('password needs single quote marks enclosed');
  if (word.text === '') throw invalidOperation('password can not be empty');
  if (Buffer.byteLength(word.text) > PASSWORD_BYTES_MAX)
    throw invalidOperation('name or password too long');
  return word.text;
}

export async function alterUser(
  context: Context,
  statement: AlterUser,
  session: Session,
): Promise<AdminResult> {
  const { name, password, privilege } = statement;
  if (password !== undefined) {
    const text = checkedPassword(password);
    requirePasswordRight(context, requireUser(context, name), session);
    const hash = await hashPassword(text);
    const user: UserState = { ...requireUser(context, name), ...hash };
    await commit(context, NO_DB, [{ kind: 'putUser', user }]);
  } else if (privilege !== undefined) {
    const right = privilegeOf(privilege);
    const user = requireUser(context, name);
    const operator = requireUser(context, session.user);
    const isOwn = operator.name === name;
    if (
      right === 'super' ||
      name === ROOT ||
      isInternal(name) ||
      operator.privilege !== 'super' ||
      isOwn
    )
      throw noRights(session);
    await commit(context, NO_DB, [{ kind: 'putUser', user: { ...user, privilege: right } }]);
  }
  return done;
}

function privilegeOf(word: Word): UserState['privilege'] {
  const text = word.quoted ? '' : word.text.toLowerCase();
  if (text === 'read') return 'readable';
  if (text === 'write') return 'writable';
  if (text === 'super') return 'super';
  throw invalidOperation('invalid user rights', `${word.text}: read or write, without quotes`);
}

/** Own passwords may be changed by everybody, root's by root only, others' by super users. */
function requirePasswordRight(context: Context, user: UserState, session: Session): void {
  const operator = requireUser(context, session.user);
  if (isInternal(user.name)) throw noRights(session);
  if (operator.name === ROOT || operator.name === user.name) return;
  if (operator.privilege !== 'super' || user.name === ROOT) throw noRights(session);
}

function isInternal(name: string): boolean {
  return internalUsers.includes(name);
}

export async function dropUser(
  context: Context,
  statement: DropUser,
  session: Session,
): Promise<AdminResult> {
  const { name } = statement;
  requireSuperRight(context, session);
  requireUser(context, name);
  if (name === ROOT || isInternal(name)) throw noRights(session);
  await commit(context, NO_DB, [{ kind: 'dropUser', name }]);
  return done;
}

/** 768, as 2.1.2's community edition answers all statements on accounts. */
export function refuseAccounts(): never {
  throw new TaosError(ErrorCode.MND_MSG_NOT_PROCESSED, undefined, {
    detail: 'this edition has no accounts',
  });
}
