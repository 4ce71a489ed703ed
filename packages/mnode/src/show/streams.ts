/** `show streams`: the continuous queries, and how far the dnode that runs them is. */
import type { AdminResult, Session } from '@tdnode/rpc';
import { streamDefinitions } from '../catalog/streams.ts';
import { requireSuperRight, type Context } from '../context.ts';
import { bigint, int, rowsResult, text, time } from './rows.ts';

const columns = [
  text('streamId', 20),
  text('user', 24),
  text('dest table', 193),
  text('ip:port', 22),
  time('created time'),
  time('exec time'),
  bigint('time(us)'),
  text('sql', 512),
  int('cycles'),
];

/** `ip:port` is the dnode of the mnode's master, which answers here and runs them; a stream that never ran counts 0. */
export function showStreams(context: Context, session: Session): AdminResult {
  requireSuperRight(context, session);
  const { streamRuns, dnode } = context;
  const rows = streamDefinitions(context).map(({ id, uid, user, db, table, created, sql }) => {
    const { ranAt, elapsedUs, cycles } = streamRuns.progressOf(uid) ?? NEVER;
    return [id, user, `${db}.${table}`, dnode.endPoint, created, ranAt, elapsedUs, sql, cycles];
  });
  return rowsResult(columns, rows);
}

const NEVER = { ranAt: 0, elapsedUs: 0, cycles: 0 };
