/** `create dnode`, `drop dnode`, `alter dnode … balance`: who belongs to the cluster, and moves by hand. */
import { ErrorCode, TaosError, invalidOperation } from '@tdnode/common';
import type { AdminResult, Session } from '@tdnode/rpc';
import type { CreateDnode, DropDnode } from '@tdnode/sql';
import { findVgroup, usableDnodes } from '../cluster/view.ts';
import { requireSuperRight, stateOf, type Context } from '../context.ts';
import type { DnodeState } from '../sdb/state.ts';
import { done } from './databases.ts';

const PORT_MAX = 65_535;
const END_POINT_BYTES_MAX = 133;

/** Registers an end point; the dnode gets to know its id when it reports. */
export async function createDnode(
  context: Context,
  statement: CreateDnode,
  session: Session,
): Promise<AdminResult> {
  const ownPort = context.dnode.endPoint.split(':').at(-1) ?? '';
  const endPoint = endPointOf(statement.endPoint, ownPort);
  requireSuperRight(context, session);
  const { dnodes, nextDnodeId } = stateOf(context);
  for (const dnode of dnodes.values()) {
    if (dnode.endPoint === endPoint)
      throw new TaosError(ErrorCode.MND_DNODE_ALREADY_EXIST, undefined, {
        detail: `${endPoint} is dnode ${dnode.id}${dnode.isDropping ? ', which is being dropped' : ''}`,
      });
  }
  const created = context.clock.now();
  await context.sdb.propose([
    {
      kind: 'putDnode',
      dnode: { id: nextDnodeId, endPoint, created, role: 0, isDropping: false, hasJoined: false },
    },
  ]);
  return done;
}

/** `fqdn:port`, of a name without a port this dnode's; throws 512 for what can be no end point. */
function endPointOf(text: string, defaultPort: string): string {
  const [host = '', port = defaultPort, ...more] = text.trim().toLowerCase().split(':');
  const isPort = /^\d+$/.test(port) && Number(port) > 0 && Number(port) <= PORT_MAX;
  const endPoint = `${host}:${Number(port)}`;
  if (!/^[\w.-]+$/.test(host) || !isPort || more.length > 0)
    throw invalidOperation("invalid end point, wanted 'fqdn:port'", text);
  if (endPoint.length > END_POINT_BYTES_MAX) throw invalidOperation('end point too long', text);
  return endPoint;
}

/**
 * Begins to drop a dnode: its vnodes move away, then it is forgotten. One that never came, or is empty, is
 * forgotten at once. Refused: the metadata's master (819), and where its vnodes would have nowhere to go (820).
 */
export async function dropDnode(
  context: Context,
  statement: DropDnode,
  session: Session,
): Promise<AdminResult> {
  requireSuperRight(context, session);
  const dnode = requireDnode(context, statement.dnode);
  if (dnode.id === context.dnode.id)
    throw new TaosError(ErrorCode.MND_NO_REMOVE_MASTER, undefined, {
      detail: `dnode ${dnode.id} is the master of the metadata`,
    });
  if (dnode.isDropping) return done;
  const needed = replicasNeeded(context, dnode.id);
  if (needed === 0 && !stateOf(context).mnodes.has(dnode.id)) {
    await context.sdb.propose([{ kind: 'dropDnode', id: dnode.id }]);
    return done;
  }
  const left = usableDnodes(context.cluster).filter(({ id }) => id !== dnode.id).length;
  if (left < needed)
    throw new TaosError(ErrorCode.MND_NO_ENOUGH_DNODES, undefined, {
      detail: `vnodes of dnode ${dnode.id} need ${needed} dnodes, and ${left} others are online that take vnodes`,
    });
  await context.sdb.propose([{ kind: 'putDnode', dnode: { ...dnode, isDropping: true } }]);
  context.cluster.wake();
  return done;
}

/** The most replicas of any vgroup that is on this dnode or comes to it; 0: there is none. */
function replicasNeeded(context: Context, dnodeId: number): number {
  let needed = 0;
  for (const { options, vgroups } of stateOf(context).dbs.values()) {
    for (const { replicas, move } of vgroups) {
      const isOnIt = replicas.includes(dnodeId) || move?.target === dnodeId;
      if (isOnIt) needed = Math.max(needed, options.replica);
    }
  }
  return needed;
}

/** `alter dnode 1 balance "vnode:2-dnode:3"`: vgroup 2 moves from dnode 1 to dnode 3. Only while `balance` is 0. */
export async function balanceByHand(
  context: Context,
  source: DnodeState,
  text: string,
): Promise<AdminResult> {
  const match = /^vnode:(\d+)-dnode:(\d+)$/.exec(text.trim());
  if (match === null)
    throw invalidOperation("invalid balance option, wanted 'vnode:2-dnode:2'", text);
  const [vgId, target] = [Number(match[1]), Number(match[2])];
  if (context.config.cluster.balance === 1)
    throw new TaosError(ErrorCode.MND_BALANCE_ENABLED, undefined, {
      detail:
        'vnodes move by themselves; set balance to 0 in taos.cfg of all dnodes to move them by hand',
    });
  const place = findVgroup(stateOf(context), vgId);
  if (place === undefined) throw refused(ErrorCode.MND_VGROUP_NOT_EXIST, `no vgroup ${vgId}`);
  requireDnode(context, String(target));
  const { replicas, move } = place.vgroup;
  if (!replicas.includes(source.id))
    throw refused(ErrorCode.MND_VGROUP_NOT_IN_DNODE, `${vgId} is on ${replicas.join(', ')}`);
  if (replicas.includes(target))
    throw refused(ErrorCode.MND_VGROUP_ALREADY_IN_DNODE, `${vgId} is on ${replicas.join(', ')}`);
  if (!usableDnodes(context.cluster).some(({ id }) => id === target))
    throw refused(ErrorCode.MND_DNODE_NOT_FREE, `dnode ${target} is offline or takes no vnodes`);
  if (move !== undefined)
    throw refused(ErrorCode.MND_ACTION_IN_PROGRESS, `vgroup ${vgId} is moving already`);
  const record = { vgId, move: { target, source: source.id } };
  await context.sdb.propose([{ kind: 'setMove', db: place.db.name, ...record }]);
  context.cluster.wake();
  return done;
}

function refused(code: number, detail: string): TaosError {
  return new TaosError(code, undefined, { detail });
}

/** The dnode by id or end point; throws 817. */
export function requireDnode(context: Context, idOrEndPoint: string): DnodeState {
  for (const dnode of stateOf(context).dnodes.values()) {
    const names = [String(dnode.id), dnode.endPoint.toLowerCase()];
    if (names.includes(idOrEndPoint.toLowerCase())) return dnode;
  }
  throw noSuchDnode(idOrEndPoint);
}

/** 817. */
export function noSuchDnode(name: string): TaosError {
  return refused(ErrorCode.MND_DNODE_NOT_EXIST, `there is no dnode ${name}`);
}
