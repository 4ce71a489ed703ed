/** Dnode commands where there is one dnode only: its own vnodes, in process. */
import { ErrorCode, TaosError, type VgId } from '@tdnode/common';
import type { DnodeCommands, VnodeService } from '@tdnode/rpc';
import { dropVnode, vnodeExists } from '../outbox.ts';

/** Commands that reach `self`, and nobody else. */
export function localCommands(vnodes: VnodeService, self: number): DnodeCommands {
  const check = (dnodeId: number): void => {
    if (dnodeId !== self)
      throw new TaosError(ErrorCode.RPC_NETWORK_UNAVAIL, undefined, {
        detail: `dnode ${dnodeId} cannot be reached: this program runs without the cluster's RPC`,
      });
  };
  return {
    async createVnode(dnodeId, config) {
      check(dnodeId);
      if (!(await vnodeExists(vnodes, config.vgId))) await vnodes.create(config);
    },
    async alterVnode(dnodeId, config) {
      check(dnodeId);
      await vnodes.alter(config);
    },
    async dropVnode(dnodeId, vgId: VgId) {
      check(dnodeId);
      await dropVnode(vnodes, vgId);
    },
    async changeMembers(dnodeId) {
      check(dnodeId);
    },
    async vnodeReport(dnodeId) {
      check(dnodeId);
      return undefined;
    },
  };
}
