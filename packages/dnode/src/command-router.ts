/** How the mnode on this dnode reaches all dnodes: itself in process, the others by RPC. */
import type { VgId } from '@tdnode/common';
import type {
  DnodeCommands,
  MemberChange,
  VnodeConfig,
  VnodeReport,
  VnodeStart,
} from '@tdnode/rpc';

/** See the head of this file. */
export class CommandRouter implements DnodeCommands {
  readonly #self: number;
  readonly #local: DnodeCommands;
  readonly #remote: DnodeCommands;

  constructor(self: number, local: DnodeCommands, remote: DnodeCommands) {
    this.#self = self;
    this.#local = local;
    this.#remote = remote;
  }

  createVnode(dnodeId: number, config: VnodeConfig, start: VnodeStart): Promise<void> {
    return this.#of(dnodeId).createVnode(dnodeId, config, start);
  }

  alterVnode(dnodeId: number, config: VnodeConfig): Promise<void> {
    return this.#of(dnodeId).alterVnode(dnodeId, config);
  }

  dropVnode(dnodeId: number, vgId: VgId): Promise<void> {
    return this.#of(dnodeId).dropVnode(dnodeId, vgId);
  }

  changeMembers(dnodeId: number, vgId: VgId, change: MemberChange): Promise<void> {
    return this.#of(dnodeId).changeMembers(dnodeId, vgId, change);
  }

  vnodeReport(dnodeId: number, vgId: VgId): Promise<VnodeReport | undefined> {
    return this.#of(dnodeId).vnodeReport(dnodeId, vgId);
  }

  #of(dnodeId: number): DnodeCommands {
    return dnodeId === this.#self ? this.#local : this.#remote;
  }
}

/** `commands`, after whose changes `report` is waited for: whoever asked then knows of them from a report too. */
export function reported(commands: DnodeCommands, report: () => Promise<void>): DnodeCommands {
  const after = async (work: Promise<void>): Promise<void> => {
    await work;
    await report();
  };
  return {
    createVnode: (id, config, start) => after(commands.createVnode(id, config, start)),
    alterVnode: (id, config) => after(commands.alterVnode(id, config)),
    dropVnode: (id, vgId) => after(commands.dropVnode(id, vgId)),
    changeMembers: (id, vgId, change) => commands.changeMembers(id, vgId, change),
    vnodeReport: (id, vgId) => commands.vnodeReport(id, vgId),
  };
}
