/**
 * What all clients of the cluster are doing, for `show connections`, `show queries` and `kill`. Each coordinator knows
 * its own; they are asked when somebody wants to know.
 *
 * A connection's id in the cluster says on which dnode it is: the first dnode's begin at 1, the second's at 1,000,001,
 * so it stays the same whichever mnode is the master.
 */
import type { DnodeOperations, DnodeWork, ListedConnection, ListedQuery } from '@tdnode/rpc';

/** More connections than one dnode numbers before it begins anew. */
const IDS_PER_DNODE = 1_000_000;

/** See the head of this file. */
export class ClusterWork {
  readonly #operations: DnodeOperations;
  readonly #dnodeIds: () => readonly number[];

  /** `dnodeIds`: those that are online. */
  constructor(operations: DnodeOperations, dnodeIds: () => readonly number[]) {
    this.#operations = operations;
    this.#dnodeIds = dnodeIds;
  }

  /** With their ids in the cluster. */
  async connections(): Promise<ListedConnection[]> {
    const lists = await this.#ask();
    return lists.flatMap(({ dnodeId, work }) =>
      work.connections.map((one) => ({ ...one, id: clusterId(dnodeId, one.id) })),
    );
  }

  /** With the ids of their connections in the cluster. */
  async queries(): Promise<ListedQuery[]> {
    const lists = await this.#ask();
    return lists.flatMap(({ dnodeId, work }) =>
      work.queries.map((one) => ({ ...one, connectionId: clusterId(dnodeId, one.connectionId) })),
    );
  }

  /** Ends a connection, or one query of it; false: there is none of that id. Throws when its dnode does not answer. */
  async kill(id: number, query: number | undefined): Promise<boolean> {
    const dnodeId = Math.floor(id / IDS_PER_DNODE) + 1;
    if (!this.#dnodeIds().includes(dnodeId)) return false;
    return this.#operations.kill(dnodeId, { connectionId: id % IDS_PER_DNODE, query });
  }

  /** What each dnode says; one that does not answer now has nothing that could be shown. */
  async #ask(): Promise<{ readonly dnodeId: number; readonly work: DnodeWork }[]> {
    const ids = this.#dnodeIds();
    const answers = await Promise.allSettled(ids.map((id) => this.#operations.work(id)));
    return ids.flatMap((dnodeId, i) => {
      const answer = answers[i]!;
      return answer.status === 'fulfilled' ? [{ dnodeId, work: answer.value }] : [];
    });
  }
}

function clusterId(dnodeId: number, id: number): number {
  return (dnodeId - 1) * IDS_PER_DNODE + id;
}

/** Where there is nobody to ask. */
export const nothingRuns: DnodeOperations = {
  work: async () => ({ connections: [], queries: [] }),
  kill: async () => false,
  setVariable: async () => undefined,
};
