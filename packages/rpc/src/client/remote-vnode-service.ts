/** The vnodes of one other dnode, as if they were here. Where that dnode is may change: its end point is asked each time. */
import type { TagValue, VgId } from '@tdnode/common';
import type {
  FragmentStream,
  VnodeConfig,
  VnodeService,
  VnodeStats,
  WriteKind,
  WriteResult,
} from '../services/vnode-service.ts';
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
import type { RpcClient } from './rpc-client.ts';

/** See the head of this file. */
export class RemoteVnodeService implements VnodeService {
  readonly #client: RpcClient;
  readonly #endPoint: () => string;
  readonly #writes: () => Pick<VnodeService, 'write'> | undefined;

  /** `writes`: a shorter way for writes, while there is one. */
  constructor(
    client: RpcClient,
    endPoint: () => string,
    writes: () => Pick<VnodeService, 'write'> | undefined = () => undefined,
  ) {
    this.#client = client;
    this.#endPoint = endPoint;
    this.#writes = writes;
  }

  write(vgId: VgId, kind: WriteKind, payload: Uint8Array): Promise<WriteResult> {
    const shorter = this.#writes();
    if (shorter !== undefined) return shorter.write(vgId, kind, payload);
    return this.#client.call(this.#endPoint(), vnodeWrite, { vgId, kind, payload });
  }

  query(vgId: VgId, fragment: object, atLeast?: number): FragmentStream {
    const request = { vgId, fragment, ...(atLeast === undefined ? {} : { atLeast }) };
    return this.#client.stream(this.#endPoint(), vnodeQuery, request);
  }

  tids(vgId: VgId, uids: Float64Array): Promise<Uint32Array> {
    return this.#client.call(this.#endPoint(), vnodeTids, { vgId, uids });
  }

  tags(vgId: VgId, uid: number): Promise<readonly TagValue[] | undefined> {
    return this.#client.call(this.#endPoint(), vnodeTags, { vgId, uid });
  }

  stats(vgId: VgId): Promise<VnodeStats> {
    return this.#client.call(this.#endPoint(), vnodeStats, { vgId });
  }

  create(config: VnodeConfig): Promise<void> {
    return this.#client.call(this.#endPoint(), vnodeCreate, config);
  }

  alter(config: VnodeConfig): Promise<void> {
    return this.#client.call(this.#endPoint(), vnodeAlter, config);
  }

  drop(vgId: VgId): Promise<void> {
    return this.#client.call(this.#endPoint(), vnodeDrop, { vgId });
  }

  sync(vgId: VgId): Promise<void> {
    return this.#client.call(this.#endPoint(), vnodeSync, { vgId });
  }

  flush(vgId: VgId): Promise<void> {
    return this.#client.call(this.#endPoint(), vnodeFlush, { vgId });
  }
}
