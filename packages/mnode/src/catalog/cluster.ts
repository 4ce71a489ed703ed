/** Dnodes, settings of running programs, running work: what one host can answer. */
import {
  ErrorCode,
  SqlType,
  TaosError,
  invalidOperation,
  notSupportedYet,
  syntaxError,
  type VgId,
} from '@tdnode/common';
import type { AdminResult, Session } from '@tdnode/rpc';
import type {
  AlterDnode,
  AlterLocal,
  CompactVnodes,
  CreateDnode,
  DropDnode,
  Kill,
} from '@tdnode/sql';
import { requireSuperRight, requireWriteRight, stateOf, type Context } from '../context.ts';
import type { DnodeState } from '../sdb/state.ts';
import { done } from './databases.ts';

/** The answer of statements that do not even count rows. */
export const nothing: AdminResult = {
  kind: 'rows',
  columns: [{ name: 'affected_rows', type: SqlType.INT, bytes: 4 }],
  batches: [],
};

/** Settings that `alter local` takes: the client's. */
const localFlags = [
  'resetlog',
  'debugflag',
  'rpcdebugflag',
  'tmrdebugflag',
  'cdebugflag',
  'udebugflag',
  'qdebugflag',
  'jnidebugflag',
  'odbcdebugflag',
];
/** Settings that only `alter dnode` takes besides. */
const serverFlags = [
  'mdebugflag',
  'ddebugflag',
  'sdebugflag',
  'sdbdebugflag',
  'vdebugflag',
  'tsdbdebugflag',
  'wdebugflag',
  'httpdebugflag',
  'mqttdebugflag',
  'monitordebugflag',
  'cqdebugflag',
];
const flagRange = [0, 255] as const;

export function alterLocal(context: Context, statement: AlterLocal): AdminResult {
  const { name, value } = statement;
  if (!localFlags.includes(name) || !isFlagValue(name, value?.text))
    throw invalidOperation('invalid configure options or values', name);
  context.setVariable(name, value?.text);
  return nothing;
}

export function alterDnode(context: Context, statement: AlterDnode, session: Session): AdminResult {
  const { name, value } = statement;
  const isSwitch = name === 'monitor' && (value?.text === '0' || value?.text === '1');
  if (!isSwitch && name !== 'balance' && !isDnodeFlag(name, value?.text)) {
    throw invalidOperation(
      "invalid configure options or values, such as resetlog / debugFlag 135 / balance 'vnode:2-dnode:2' / monitor 1 ",
      name,
    );
  }
  requireSuperRight(context, session);
  const dnode = requireDnode(context, statement.dnode);
  if (name === 'balance') throw notSupportedYet('alter dnode balance');
  if (dnode.id === context.dnode.id) context.setVariable(name, value?.text);
  return nothing;
}

function isDnodeFlag(name: string, text: string | undefined): boolean {
  return (localFlags.includes(name) || serverFlags.includes(name)) && isFlagValue(name, text);
}

function isFlagValue(name: string, text: string | undefined): boolean {
  if (name === 'resetlog') return text === undefined;
  const value = Number(text);
  return Number.isInteger(value) && value >= flagRange[0] && value <= flagRange[1];
}

/** The dnode by id or end point; throws 817. */
function requireDnode(context: Context, idOrEndPoint: string): DnodeState {
  for (const dnode of stateOf(context).dnodes.values()) {
    if (String(dnode.id) === idOrEndPoint || dnode.endPoint === idOrEndPoint) return dnode;
  }
  throw new TaosError(ErrorCode.MND_DNODE_NOT_EXIST, undefined, {
    detail: `there is no dnode ${idOrEndPoint}`,
  });
}

export function createDnode(context: Context, statement: CreateDnode, session: Session): never {
  requireSuperRight(context, session);
  for (const dnode of stateOf(context).dnodes.values()) {
    if (dnode.endPoint === statement.endPoint)
      throw new TaosError(ErrorCode.MND_DNODE_ALREADY_EXIST, undefined, { detail: dnode.endPoint });
  }
  throw notSupportedYet('create dnode: a cluster of several hosts');
}

export function dropDnode(context: Context, statement: DropDnode, session: Session): never {
  requireSuperRight(context, session);
  const dnode = requireDnode(context, statement.dnode);
  throw new TaosError(ErrorCode.MND_NO_REMOVE_MASTER, undefined, {
    detail: `dnode ${dnode.id} is the master of the metadata`,
  });
}

/** Nothing that runs is registered here: every id is unknown, 782. */
export function kill(statement: Kill): never {
  const isPair = /^\d+:\d+$/.test(statement.id);
  if (!isPair && (statement.what !== 'connection' || !/^\d+$/.test(statement.id))) {
    throw syntaxError(`${statement.id} is no id of a ${statement.what}`, statement.start);
  }
  throw new TaosError(ErrorCode.MND_INVALID_CONN_ID, undefined, { detail: statement.id });
}

export async function compactVnodes(
  context: Context,
  statement: CompactVnodes,
  session: Session,
): Promise<AdminResult> {
  requireWriteRight(context, session);
  for (const literal of statement.vgIds) await context.vnodes.flush(Number(literal.text) as VgId);
  return done;
}
