/** Whose work is shown, under which ids, and whom a kill reaches. */
import { ErrorCode, TaosError } from '@tdnode/common';
import type { DnodeOperations, DnodeWork, WorkTarget } from '@tdnode/rpc';
import { expect, test } from 'vitest';
import { ClusterWork } from './cluster-work.ts';

const NOTHING: DnodeWork = { connections: [], queries: [] };

function workOf(id: number): DnodeWork {
  const common = { user: 'root', address: '10.0.0.1' };
  return {
    connections: [{ ...common, id, program: 'taos', pid: 1, loginAt: 1, lastAccessAt: 2 }],
    queries: [{ ...common, connectionId: id, number: 9, createdAt: 1, elapsedUs: 2, sql: 's' }],
  };
}

/** Dnodes 1, 2 and 7; the last one does not answer. */
function cluster(): { readonly work: ClusterWork; readonly killed: [number, WorkTarget][] } {
  const killed: [number, WorkTarget][] = [];
  const operations: DnodeOperations = {
    work: async (dnodeId) => {
      if (dnodeId === 7) throw new TaosError(ErrorCode.RPC_NETWORK_UNAVAIL);
      return dnodeId === 2 ? workOf(3) : workOf(1);
    },
    kill: async (dnodeId, target) => {
      if (dnodeId === 7) throw new TaosError(ErrorCode.RPC_NETWORK_UNAVAIL);
      killed.push([dnodeId, target]);
      return target.connectionId === 3;
    },
    setVariable: async () => undefined,
  };
  return { work: new ClusterWork(operations, () => [1, 2, 7]), killed };
}

test('connections and queries of all dnodes that answer, each id once', async () => {
  const { work } = cluster();
  expect((await work.connections()).map(({ id }) => id)).toEqual([1, 1_000_003]);
  expect((await work.queries()).map(({ connectionId }) => connectionId)).toEqual([1, 1_000_003]);
  const nobody = new ClusterWork({ ...empty, work: async () => NOTHING }, () => [1]);
  expect(await nobody.connections()).toEqual([]);
});

test('kill goes to the dnode of the id', async () => {
  const { work, killed } = cluster();
  expect(await work.kill(1_000_003, 9)).toBe(true);
  expect(await work.kill(1_000_004, undefined)).toBe(false);
  expect(await work.kill(99_999_999, 1)).toBe(false);
  await expect(work.kill(6_000_001, 1)).rejects.toMatchObject({ code: 11 });
  expect(killed).toEqual([
    [2, { connectionId: 3, query: 9 }],
    [2, { connectionId: 4, query: undefined }],
  ]);
});

const empty: DnodeOperations = {
  work: async () => NOTHING,
  kill: async () => false,
  setVariable: async () => undefined,
};
