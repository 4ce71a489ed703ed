/** Shows the vnodes of this dnode to the others. */
import type { VnodeService } from '../services/vnode-service.ts';
import {
  vnodeAlter,
  vnodeCreate,
  vnodeDrop,
  vnodeFlush,
  vnodeQuery,
  vnodeStats,
  vnodeSync,
  vnodeTags,
  vnodeTids,
  vnodeWrite,
} from '../messages/vnode-calls.ts';
import type { RpcServer } from './rpc-server.ts';

/** Answers every call of VnodeService by `vnodes`. */
export function registerVnodeCalls(server: RpcServer, vnodes: VnodeService): void {
  server.handle(vnodeWrite, ({ vgId, kind, payload }) => vnodes.write(vgId, kind, payload));
  server.handleStream(vnodeQuery, ({ vgId, fragment, atLeast }) =>
    vnodes.query(vgId, fragment, atLeast),
  );
  server.handle(vnodeTids, ({ vgId, uids }) => vnodes.tids(vgId, uids));
  server.handle(vnodeTags, ({ vgId, uid }) => vnodes.tags(vgId, uid));
  server.handle(vnodeStats, ({ vgId }) => vnodes.stats(vgId));
  server.handle(vnodeCreate, (config) => vnodes.create(config));
  server.handle(vnodeAlter, (config) => vnodes.alter(config));
  server.handle(vnodeDrop, ({ vgId }) => vnodes.drop(vgId));
  server.handle(vnodeSync, ({ vgId }) => vnodes.sync(vgId));
  server.handle(vnodeFlush, ({ vgId }) => vnodes.flush(vgId));
}
