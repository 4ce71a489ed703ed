/** What operators ask of dnodes: of this one in process, of the others by RPC. */
import type { DnodeOperations, DnodeWork, WorkTarget } from '@tdnode/rpc';

/** What this dnode's clients are doing; the coordinator keeps it. */
export interface LocalWork {
  list(): DnodeWork;
  /** False: there is none of that number. */
  kill(target: WorkTarget): boolean;
}

/** This dnode's own, whatever id it has. */
export function localOperations(
  work: LocalWork,
  setVariable: (name: string, value: string | undefined) => void,
): DnodeOperations {
  return {
    work: async () => work.list(),
    kill: async (_dnodeId, target) => work.kill(target),
    setVariable: async (_dnodeId, name, value) => setVariable(name, value),
  };
}

/** See the head of this file. */
export class OperationsRouter implements DnodeOperations {
  readonly #self: number;
  readonly #local: DnodeOperations;
  readonly #remote: DnodeOperations;

  constructor(self: number, local: DnodeOperations, remote: DnodeOperations) {
    this.#self = self;
    this.#local = local;
    this.#remote = remote;
  }

  work(dnodeId: number): Promise<DnodeWork> {
    return this.#of(dnodeId).work(dnodeId);
  }

  kill(dnodeId: number, target: WorkTarget): Promise<boolean> {
    return this.#of(dnodeId).kill(dnodeId, target);
  }

  setVariable(dnodeId: number, name: string, value: string | undefined): Promise<void> {
    return this.#of(dnodeId).setVariable(dnodeId, name, value);
  }

  #of(dnodeId: number): DnodeOperations {
    return dnodeId === this.#self ? this.#local : this.#remote;
  }
}
