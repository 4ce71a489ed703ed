/** The dnodes as the mnode's master commands them, each by its end point at the moment of the call. */
import type { VgId } from '@tdnode/common';
import {
  alterVnode,
  changeMembers,
  createVnode,
  dropVnode,
  reportVnode,
} from '../messages/dnode-commands.ts';
import type {
  DnodeCommands,
  MemberChange,
  VnodeReport,
  VnodeStart,
} from '../services/cluster-status.ts';
import type { VnodeConfig } from '../services/vnode-service.ts';
import type { RpcClient } from './rpc-client.ts';

/** See the head of this file. */
export class RemoteDnodeCommands implements DnodeCommands {
  readonly #client: RpcClient;
  readonly #endPointOf: (dnodeId: number) => string;

  /** `endPointOf` throws TaosError for a dnode that is not there. */
  constructor(client: RpcClient, endPointOf: (dnodeId: number) => string) {
    this.#client = client;
    this.#endPointOf = endPointOf;
  }

  async createVnode(dnodeId: number, config: VnodeConfig, start: VnodeStart): Promise<void> {
    await this.#client.call(this.#endPointOf(dnodeId), createVnode, { config, start });
  }

  async alterVnode(dnodeId: number, config: VnodeConfig): Promise<void> {
    await this.#client.call(this.#endPointOf(dnodeId), alterVnode, config);
  }

  async dropVnode(dnodeId: number, vgId: VgId): Promise<void> {
    await this.#client.call(this.#endPointOf(dnodeId), dropVnode, { vgId });
  }

  async changeMembers(dnodeId: number, vgId: VgId, change: MemberChange): Promise<void> {
    await this.#client.call(this.#endPointOf(dnodeId), changeMembers, { vgId, change });
  }

  async vnodeReport(dnodeId: number, vgId: VgId): Promise<VnodeReport | undefined> {
    return this.#client.call(this.#endPointOf(dnodeId), reportVnode, { vgId });
  }
}
