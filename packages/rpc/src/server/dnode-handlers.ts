/** Answers for the dnode itself: who am I, the mnode's commands, and, where an mnode is, the heartbeats of all. */
import {
  alterVnode,
  changeMembers,
  createVnode,
  dropVnode,
  reportVnode,
} from '../messages/dnode-commands.ts';
import type { Caller } from '../auth/authenticator.ts';
import { killWork, listWork, setVariable } from '../messages/dnode-operations.ts';
import { ping, type PingAnswer } from '../messages/ping.ts';
import { status } from '../messages/status.ts';
import type { DnodeCommands, StatusAnswer, StatusReport } from '../services/cluster-status.ts';
import type { DnodeOperations } from '../services/dnode-operations.ts';
import type { CallContext, RpcServer } from './rpc-server.ts';

/** Answers `ping` by what `whoAmI` says now; the caller may be of another cluster. */
export function registerPing(server: RpcServer, whoAmI: (caller: Caller) => PingAnswer): void {
  server.handle(ping, async (_request, { caller }) => whoAmI(caller));
}

/**
 * Answers heartbeats; throws RedirectError where the mnode here is not the master, or there is none. The caller
 * may be of a foreign cluster, or have dialled a wrong name: `context.caller` says both.
 */
export function registerStatusCall(
  server: RpcServer,
  onStatus: (report: StatusReport, context: CallContext) => Promise<StatusAnswer>,
): void {
  server.handle(status, onStatus);
}

/** Carries out what the mnode's master asks of this dnode, whose id is `dnodeId()`. */
export function registerDnodeCommands(
  server: RpcServer,
  commands: DnodeCommands,
  dnodeId: () => number,
): void {
  server.handle(createVnode, ({ config, start }) => commands.createVnode(dnodeId(), config, start));
  server.handle(alterVnode, (config) => commands.alterVnode(dnodeId(), config));
  server.handle(dropVnode, ({ vgId }) => commands.dropVnode(dnodeId(), vgId));
  server.handle(changeMembers, ({ vgId, change }) =>
    commands.changeMembers(dnodeId(), vgId, change),
  );
  server.handle(reportVnode, ({ vgId }) => commands.vnodeReport(dnodeId(), vgId));
}

/** Answers what operators ask of this dnode, whose id is `dnodeId()`. */
export function registerDnodeOperations(
  server: RpcServer,
  operations: DnodeOperations,
  dnodeId: () => number,
): void {
  server.handle(listWork, () => operations.work(dnodeId()));
  server.handle(killWork, (target) => operations.kill(dnodeId(), target));
  server.handle(setVariable, ({ name, value }) => operations.setVariable(dnodeId(), name, value));
}
