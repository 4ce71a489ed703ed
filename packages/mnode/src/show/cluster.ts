/** `show` of hosts, users, settings and running work. */
import type { AdminResult, Session } from '@tdnode/rpc';
import { scoreOf } from '../balance/score.ts';
import { noSuchDnode } from '../catalog/dnodes.ts';
import {
  MNODE_VGID,
  allVgroups,
  balanceDnodes,
  holdersOf,
  roleOf,
  vnodeCounts,
} from '../cluster/view.ts';
import { requireSuperRight, stateOf, type Context } from '../context.ts';
import type { DnodeState } from '../sdb/state.ts';
import { bigint, float, int, rowsResult, smallint, text, time, type Cell } from './rows.ts';

const dnodeColumns = [
  smallint('id'),
  text('end_point', 134),
  smallint('vnodes'),
  smallint('cores'),
  text('status', 10),
  text('role', 5),
  time('create_time'),
  text('offline reason', 24),
];

const roleNames = ['any', 'mnode', 'vnode'] as const;

/** What 2.1.2 prints as the time of a connection that is not there: 2121 begins in China. */
const NEVER_CONNECTED = 4_765_104_000_000;

/** An arbitrator that is configured stands behind the dnodes. */
export function showDnodes(context: Context): AdminResult {
  const { liveness } = context.cluster;
  const counts = vnodeCounts(stateOf(context));
  const rows: Cell[][] = [];
  for (const dnode of stateOf(context).dnodes.values()) {
    const { id, endPoint, role, created } = dnode;
    const { cores, reason } = liveness.of(id);
    const vnodes = counts.get(id) ?? 0;
    rows.push([
      id,
      endPoint,
      vnodes,
      cores,
      statusOf(context, dnode),
      roleNames[role],
      created,
      reason,
    ]);
  }
  const { arbitrator } = context.config.cluster;
  if (arbitrator !== '') rows.push(arbitratorRow(context, arbitrator));
  return rowsResult(dnodeColumns, rows);
}

/** Id 0, the time of its connection, and `-`, as 2.1.2 has it. */
function arbitratorRow({ arbitratorSince }: Context, endPoint: string): Cell[] {
  const since = arbitratorSince();
  const status = since === undefined ? 'offline' : 'ready';
  return [0, endPoint, 0, 0, status, 'arb', since ?? NEVER_CONNECTED, '-'];
}

/** As `show dnodes` and `show scores` print it. */
function statusOf(context: Context, { id, isDropping }: DnodeState): string {
  if (isDropping) return 'dropping';
  return context.cluster.liveness.isOnline(id) ? 'ready' : 'offline';
}

const mnodeColumns = [
  smallint('id'),
  text('end_point', 134),
  text('role', 12),
  time('create_time'),
];

export function showMnodes(context: Context): AdminResult {
  const { dnodes, mnodes } = stateOf(context);
  const rows = Array.from(mnodes.values(), ({ dnodeId, created }) => [
    dnodeId,
    dnodes.get(dnodeId)?.endPoint ?? '',
    dnodeId === context.dnode.id ? 'master' : roleOf(context.cluster, MNODE_VGID, dnodeId),
    created,
  ]);
  return rowsResult(mnodeColumns, rows);
}

const userColumns = [
  text('name', 24),
  text('privilege', 8),
  time('create_time'),
  text('account', 24),
];

export function showUsers(context: Context): AdminResult {
  const rows = [...stateOf(context).users.values()].map((user) => [
    user.name,
    user.privilege,
    user.created,
    'root',
  ]);
  return rowsResult(userColumns, rows);
}

const moduleColumns = [smallint('id'), text('end_point', 40), text('module', 8), text('status', 8)];

export function showModules(context: Context): AdminResult {
  const modules = ['MNODE', 'HTTP', 'MONITOR', 'MQTT'];
  const rows = Array.from(stateOf(context).dnodes.values()).flatMap(({ id, endPoint }) =>
    modules.map((module) => [id, endPoint, module, 'disable']),
  );
  return rowsResult(moduleColumns, rows);
}

const scoreColumns = [
  smallint('id'),
  float('system scores'),
  float('custom scores'),
  float('module scores'),
  float('vnode scores'),
  float('total scores'),
  int('open vnodes'),
  int('cpu cores'),
  text('balance state', 18),
];

/** Scores are loads: an mnode weighs `mnodeEqualVnodeNum` vnodes, both are shared by the cores. */
export function showScores(context: Context): AdminResult {
  const state = stateOf(context);
  const counts = vnodeCounts(state);
  const rows = balanceDnodes(context.cluster).map((dnode) => {
    const vnodes = counts.get(dnode.id) ?? 0;
    const weight = context.config.cluster.mnodeEqualVnodeNum;
    const { system, custom, module, vnode, total } = scoreOf({ ...dnode, vnodes }, weight);
    const status = statusOf(context, state.dnodes.get(dnode.id)!);
    return [dnode.id, system, custom, module, vnode, total, vnodes, dnode.cores, status];
  });
  return rowsResult(scoreColumns, rows);
}

export function showVariables(context: Context): AdminResult {
  return rowsResult([text('name', 24), text('value', 41)], context.variables());
}

/** The vnodes of one dnode, which may be named by id, end point or host. */
export function showVnodes(context: Context, name: string): AdminResult {
  const wanted = name.toLowerCase();
  const dnode = Array.from(stateOf(context).dnodes.values()).find(({ id, endPoint }) =>
    [String(id), endPoint, endPoint.slice(0, endPoint.lastIndexOf(':'))].includes(wanted),
  );
  if (dnode === undefined) throw noSuchDnode(name);
  const rows: Cell[][] = [];
  for (const { vgroup } of allVgroups(stateOf(context))) {
    if (!holdersOf(vgroup).includes(dnode.id)) continue;
    rows.push([vgroup.vgId, roleOf(context.cluster, vgroup.vgId, dnode.id)]);
  }
  return rowsResult([int('vnode'), text('status', 12)], rows);
}

export async function showQueries(context: Context, session: Session): Promise<AdminResult> {
  requireSuperRight(context, session);
  const queries = await context.work.queries();
  return rowsResult(
    [
      text('query_id', 20),
      text('user', 24),
      text('ip:port', 22),
      text('qid', 22),
      time('created_time'),
      bigint('time'),
      text('sql', 512),
    ],
    queries.map(({ connectionId, number, user, address, createdAt, elapsedUs, sql }) => [
      `${connectionId}:${number}`,
      user,
      address,
      `0x${number.toString(16)}`,
      createdAt,
      elapsedUs,
      sql,
    ]),
  );
}

export async function showConnections(context: Context, session: Session): Promise<AdminResult> {
  requireSuperRight(context, session);
  const connections = await context.work.connections();
  return rowsResult(
    [
      int('connId'),
      text('user', 24),
      text('program', 24),
      int('pid'),
      text('ip:port', 22),
      time('login_time'),
      time('last_access'),
    ],
    connections.map(({ id, user, program, pid, address, loginAt, lastAccessAt }) => [
      id,
      user,
      program,
      pid,
      address,
      loginAt,
      lastAccessAt,
    ]),
  );
}
