/** Settings of running programs, running work. */
import {
  ErrorCode,
  SqlType,
  TaosError,
  invalidOperation,
  syntaxError,
  type VgId,
} from '@tdnode/common';
import type { AdminResult, Session } from '@tdnode/rpc';
import type { AlterDnode, AlterLocal, CompactVnodes, Kill } from '@tdnode/sql';
import { requireSuperRight, requireWriteRight, type Context } from '../context.ts';
import { done } from './databases.ts';
import { balanceByHand, requireDnode } from './dnodes.ts';

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

/** Checked here, done by the coordinator that was asked: its own settings are meant. */
export function alterLocal({ name, value }: AlterLocal): AdminResult {
  if (!localFlags.includes(name) || !isFlagValue(name, value?.text))
    throw invalidOperation('invalid configure options or values', name);
  return nothing;
}

export async function alterDnode(
  context: Context,
  statement: AlterDnode,
  session: Session,
): Promise<AdminResult> {
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
  if (name === 'balance') return balanceByHand(context, dnode, value?.text ?? '');
  await context.operations.setVariable(dnode.id, name, value?.text);
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

/** Ends a connection or a query, on whichever dnode it is; 782 for an id that nobody has. */
export async function kill(
  context: Context,
  statement: Kill,
  session: Session,
): Promise<AdminResult> {
  const { what, id } = statement;
  const isPair = /^\d+:\d+$/.test(id);
  if (!isPair && (what !== 'connection' || !/^\d+$/.test(id)))
    throw syntaxError(`${id} is no id of a ${what}`, statement.start);
  requireSuperRight(context, session);
  const [connectionId = 0, number] = id.split(':').map(Number);
  if (!(await context.work.kill(connectionId, what === 'query' ? number : undefined)))
    throw new TaosError(ErrorCode.MND_INVALID_CONN_ID, undefined, { detail: id });
  return nothing;
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
