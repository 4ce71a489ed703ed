/**
 * Aim: a call reaches the dnode that has the vnode, follows redirects and moves, repeats reads but no rows that may be
 * stored, and keeps changes in order. Method: a local service and a fake client that fail by script.
 */
import { ErrorCode, TaosError, systemClock, type VgId } from '@tdnode/common';
import {
  NetworkError,
  RedirectError,
  type FragmentStream,
  type RpcClient,
  type VnodeService,
} from '@tdnode/rpc';
import { MemoryFileSystem } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { ClusterMap } from './cluster-map.ts';
import { IdentityFiles } from './identity.ts';
import { VnodeRouter } from './vnode-router.ts';

const VG = 5 as VgId;
const lost = (wasSent: boolean): NetworkError =>
  new NetworkError(ErrorCode.RPC_NETWORK_UNAVAIL, wasSent, 'gone');

/** Three dnodes, this one is 1; what each says to the next calls, in order, then 'ok'. */
function routerOf(
  script: Record<number, readonly Error[]>,
  replicas: number[][],
  { local = false, keepsFirst = false, silent = 0 } = {},
) {
  const asked: number[] = [];
  const queues = new Map(Object.entries(script).map(([id, errors]) => [Number(id), [...errors]]));
  const answer = async (id: number): Promise<{ version: number }> => {
    asked.push(id);
    const error = queues.get(id)?.shift();
    if (error !== undefined) throw error;
    return { version: id };
  };
  const map = new ClusterMap(new IdentityFiles(new MemoryFileSystem(), '/data'));
  const addresses = [1, 2, 3].map((dnodeId) => ({ dnodeId, endPoint: `h${dnodeId}:6030` }));
  map.update(addresses, addresses.slice(0, 1));
  const places = [...replicas];
  const router = new VnodeRouter({
    self: () => 1,
    local: { write: () => answer(1), stats: () => answer(1) } as unknown as VnodeService,
    hasLocal: () => local,
    places: {
      replicasOf: () => places[0],
      keepsFirst: () => keepsFirst,
      refresh: async () => {
        if (places.length > 1) places.shift();
      },
    },
    mayAnswer: (id) => id !== silent,
    map,
    client: { call: (at: string) => answer(map.idOf(at)!) } as unknown as RpcClient,
    clock: systemClock,
    slaveQuery: false,
  });
  return { router, asked };
}

test('a vnode here is asked here, one elsewhere at its first replica', async () => {
  const here = routerOf({}, [[2, 3]], { local: true });
  await here.router.stats(VG);
  expect(here.asked).toEqual([1]);
  const there = routerOf({}, [[2, 3]]);
  await there.router.stats(VG);
  expect(there.asked).toEqual([2]);
});

test('a redirect is followed, and remembered for the next call', async () => {
  const { router, asked } = routerOf({ 2: [new RedirectError(['h3:6030'])] }, [[2, 3]]);
  await router.write(VG, 'submit', new Uint8Array(8));
  await router.write(VG, 'submit', new Uint8Array(8));
  expect(asked).toEqual([2, 3, 3]);
});

test('who is silent is not asked while another may become master', async () => {
  const none = new RedirectError(['h2:6030']);
  const { router, asked } = routerOf({ 2: [lost(true)], 3: [none, none] }, [[2, 3]], { silent: 2 });
  await router.stats(VG);
  expect(asked).toEqual([3, 3, 3]);
});

test('a vnode that moved is looked up again', async () => {
  const gone = new TaosError(ErrorCode.VND_INVALID_VGROUP_ID);
  const { router, asked } = routerOf({ 2: [gone] }, [[2], [3]]);
  await router.write(VG, 'submit', new Uint8Array(8));
  expect(asked).toEqual([2, 3]);
});

test('rows that may be stored are sent again only where the first stays; reads and changes are', async () => {
  const rows = routerOf({ 2: [lost(true)] }, [[2, 3]]);
  await expect(rows.router.write(VG, 'submit', new Uint8Array(8))).rejects.toThrow();
  expect(rows.asked).toEqual([2]);
  const same = routerOf({ 2: [lost(true)] }, [[2, 3]], { keepsFirst: true });
  await same.router.write(VG, 'submit', new Uint8Array(8));
  expect(same.asked).toEqual([2, 3]);
  const unsent = routerOf({ 2: [lost(false)] }, [[2, 3]]);
  await unsent.router.write(VG, 'submit', new Uint8Array(8));
  expect(unsent.asked).toEqual([2, 3]);
  const read = routerOf({ 2: [lost(true)] }, [[2, 3]]);
  await read.router.stats(VG);
  expect(read.asked).toEqual([2, 3]);
});

test('a change waits for the one before it, however long that searches', async () => {
  const { router, asked } = routerOf({ 2: [new RedirectError([])], 3: [lost(true)] }, [[2, 3]]);
  const done: string[] = [];
  await Promise.all([
    router.write(VG, 'change', new Uint8Array(8)).then(() => done.push('first')),
    router.write(VG, 'change', new Uint8Array(8)).then(() => done.push('second')),
  ]);
  expect(done).toEqual(['first', 'second']);
  expect(asked.slice(0, 2)).toEqual([2, 3]);
});

test('a vgroup that nobody knows any more is an error at once', async () => {
  const gone = new TaosError(ErrorCode.VND_INVALID_VGROUP_ID);
  const { router } = routerOf({ 1: [gone] }, []);
  await expect(router.stats(VG)).rejects.toMatchObject({ code: ErrorCode.VND_INVALID_VGROUP_ID });
});

/** A cluster of three with one vgroup, whose master is 2: what reads ask, as `dnode:atLeast`. */
function readers(): { readonly router: VnodeRouter; readonly asked: string[] } {
  const asked: string[] = [];
  const map = new ClusterMap(new IdentityFiles(new MemoryFileSystem(), '/data'));
  const addresses = [1, 2, 3].map((dnodeId) => ({ dnodeId, endPoint: `h${dnodeId}:6030` }));
  map.update(addresses, addresses.slice(0, 1));
  const read = (id: number, atLeast: number | undefined): FragmentStream => ({
    async *[Symbol.asyncIterator]() {
      asked.push(`${id}:${atLeast}`);
      if (id === 3 || (id === 1 && atLeast === undefined)) throw new RedirectError(['h2:6030']);
      yield new Uint8Array(8);
    },
    cancel: () => {},
  });
  const stats = async (id: number): Promise<object> => ({
    version: 6,
    replication: { role: id === 2 ? 'master' : 'slave', master: 2, lastVersion: 7 },
  });
  const call = async (at: string, { name }: { readonly name: string }): Promise<object> =>
    name === 'vnode.stats' ? stats(map.idOf(at)!) : { version: 11 };
  const router = new VnodeRouter({
    self: () => 1,
    local: {
      query: (_vgId: VgId, _fragment: object, atLeast?: number) => read(1, atLeast),
      stats: () => stats(1),
    } as unknown as VnodeService,
    hasLocal: () => true,
    places: { replicasOf: () => [1, 2, 3], keepsFirst: () => false, refresh: async () => {} },
    mayAnswer: () => true,
    map,
    client: {
      call,
      stream: (at: string, _call: unknown, { atLeast }: { readonly atLeast?: number }) =>
        read(map.idOf(at)!, atLeast),
    } as unknown as RpcClient,
    clock: systemClock,
    slaveQuery: true,
  });
  return { router, asked };
}

test('reads go to all replicas in turn, for what this dnode wrote; one that is behind sends them to the master', async () => {
  const { router, asked } = readers();
  const read = async (): Promise<void> => {
    for await (const item of router.query(VG, {})) expect(item).toHaveLength(8);
  };
  await read();
  expect(asked.splice(0)).toEqual(['1:undefined', '2:undefined']); // the master is found
  await read();
  await read();
  expect(asked.splice(0)).toEqual(['2:undefined', '1:7']);
  await router.write(VG, 'submit', new Uint8Array(8));
  for (let i = 0; i < 4; i++) await read();
  expect(asked.splice(0)).toEqual(['2:11', '3:11', '2:undefined', '2:11', '1:11']);
  router.changedUnseen();
  await read();
  expect(asked).toEqual(['2:undefined']);
});
