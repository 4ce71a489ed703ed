/** `show` of hosts, users, settings and running work. */
import type { AdminResult } from '@tdnode/rpc';
import { stateOf, type Context } from '../context.ts';
import { bigint, float, int, rowsResult, smallint, text, time } from './rows.ts';

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

export function showDnodes(context: Context): AdminResult {
  const vnodes = countVnodes(context);
  const rows = [...stateOf(context).dnodes.values()].map(({ id, endPoint, created }) => {
    const isHere = id === context.dnode.id;
    const [cores, status, reason] = isHere
      ? [context.dnode.cores, 'ready', '']
      : [0, 'offline', 'status not received'];
    return [id, endPoint, isHere ? vnodes : 0, cores, status, 'any', created, reason];
  });
  return rowsResult(dnodeColumns, rows);
}

function countVnodes(context: Context): number {
  let count = 0;
  for (const db of stateOf(context).dbs.values()) count += db.vgroups.length;
  return count;
}

const mnodeColumns = [
  smallint('id'),
  text('end_point', 134),
  text('role', 12),
  time('create_time'),
];

export function showMnodes(context: Context): AdminResult {
  const { id, endPoint } = context.dnode;
  return rowsResult(mnodeColumns, [[id, endPoint, 'master', stateOf(context).clusterCreated]]);
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
  const { id, endPoint } = context.dnode;
  return rowsResult(
    moduleColumns,
    ['MNODE', 'HTTP', 'MONITOR', 'MQTT'].map((module) => [id, endPoint, module, 'disable']),
  );
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
  const { id, cores } = context.dnode;
  const vnodes = countVnodes(context);
  const module = context.config.mnodeEqualVnodeNum / cores;
  const vnode = vnodes / cores;
  return rowsResult(scoreColumns, [
    [id, 0, 0, module, vnode, module + vnode, vnodes, cores, 'ready'],
  ]);
}

export function showVariables(context: Context): AdminResult {
  return rowsResult([text('name', 24), text('value', 41)], context.variables());
}

export function showVnodes(context: Context): AdminResult {
  const rows: (string | number)[][] = [];
  for (const db of stateOf(context).dbs.values())
    for (const { vgId } of db.vgroups) rows.push([vgId, 'master']);
  return rowsResult([int('vnode'), text('status', 12)], rows);
}

/** Nothing is registered with the mnode yet: the tables are empty, their heads are right. */
export function showQueries(): AdminResult {
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
    [],
  );
}

export function showConnections(): AdminResult {
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
    [],
  );
}

export function showStreams(): AdminResult {
  return rowsResult(
    [
      text('streamId', 20),
      text('user', 24),
      text('dest table', 193),
      text('ip:port', 22),
      time('created time'),
      time('exec time'),
      bigint('time(us)'),
      text('sql', 512),
      int('cycles'),
    ],
    [],
  );
}
