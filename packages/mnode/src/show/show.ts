/** `show …`: which answer belongs to which word. */
import { ErrorCode, TaosError, invalidOperation } from '@tdnode/common';
import type { AdminResult, Session } from '@tdnode/rpc';
import type { Show } from '@tdnode/sql';
import type { Context } from '../context.ts';
import * as cluster from './cluster.ts';
import { showDatabases } from './databases.ts';
import { showStreams } from './streams.ts';
import { showTables } from './table-list.ts';
import { showStables, showVgroups } from './tables.ts';

export async function show(
  context: Context,
  statement: Show,
  session: Session,
): Promise<AdminResult> {
  switch (statement.what) {
    case 'databases':
      return showDatabases(context, session);
    case 'tables':
      return showTables(context, statement, session);
    case 'stables':
      return showStables(context, statement, session);
    case 'vgroups':
      return showVgroups(context, statement, session);
    case 'dnodes':
      return cluster.showDnodes(context);
    case 'mnodes':
      return cluster.showMnodes(context);
    case 'users':
      return cluster.showUsers(context);
    case 'modules':
      return cluster.showModules(context);
    case 'scores':
      return cluster.showScores(context);
    case 'variables':
      return cluster.showVariables(context);
    case 'queries':
      return cluster.showQueries(context, session);
    case 'connections':
      return cluster.showConnections(context, session);
    case 'streams':
      return showStreams(context, session);
    case 'vnodes':
      if (statement.argument === undefined) throw invalidOperation('No specified ip of dnode');
      return cluster.showVnodes(context, statement.argument.text);
    case 'accounts':
    case 'grants':
    case 'topics':
      throw new TaosError(ErrorCode.COM_OPS_NOT_SUPPORT, undefined, {
        detail: `show ${statement.what}`,
      });
  }
}
