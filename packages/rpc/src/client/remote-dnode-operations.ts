/** What operators ask of other dnodes, each by its end point at the moment of the call. */
import { killWork, listWork, setVariable } from '../messages/dnode-operations.ts';
import type { DnodeOperations, DnodeWork, WorkTarget } from '../services/dnode-operations.ts';
import type { RpcClient } from './rpc-client.ts';

/** See the head of this file. */
export class RemoteDnodeOperations implements DnodeOperations {
  readonly #client: RpcClient;
  readonly #endPointOf: (dnodeId: number) => string;

  /** `endPointOf` throws TaosError for a dnode that is not there. */
  constructor(client: RpcClient, endPointOf: (dnodeId: number) => string) {
    this.#client = client;
    this.#endPointOf = endPointOf;
  }

  async work(dnodeId: number): Promise<DnodeWork> {
    return this.#client.call(this.#endPointOf(dnodeId), listWork, undefined);
  }

  async kill(dnodeId: number, target: WorkTarget): Promise<boolean> {
    return this.#client.call(this.#endPointOf(dnodeId), killWork, target);
  }

  async setVariable(dnodeId: number, name: string, value: string | undefined): Promise<void> {
    await this.#client.call(this.#endPointOf(dnodeId), setVariable, { name, value });
  }
}
