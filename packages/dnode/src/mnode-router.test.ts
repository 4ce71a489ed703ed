/** Which mnode is asked, and what a master that cannot answer any more does to the question. */
import { ErrorCode, TaosError } from '@tdnode/common';
import type { Mnode } from '@tdnode/mnode';
import { RedirectError, type AdminResult, type RemoteMnodeService } from '@tdnode/rpc';
import { expect, test } from 'vitest';
import { MnodeRouter } from './mnode-router.ts';
import { ownMnode } from './own-mnode.ts';

const session = { user: 'root', db: undefined, timezone: 'UTC' };
const affected: AdminResult = { kind: 'affected', rows: 0 };
const rows: AdminResult = { kind: 'rows', columns: [], batches: [] };

/** A router, and what was asked of whom. */
function routerOf(answer: AdminResult = affected): {
  readonly router: MnodeRouter;
  readonly asked: string[];
  readonly master: (error?: Error) => void;
} {
  const asked: string[] = [];
  const remote = {
    execute: async (sql: string) => (asked.push(`remote ${sql}`), answer),
    onChange: () => () => {},
    close: () => {},
  } as unknown as RemoteMnodeService;
  const router = new MnodeRouter({
    remote,
    notReady: () => undefined,
    onRemoteStatement: () => asked.push('changed'),
  });
  const master = (error?: Error): void => {
    const local = {
      execute: async (sql: string) => {
        asked.push(`local ${sql}`);
        if (error !== undefined) throw error;
        return answer;
      },
      onChange: () => () => {},
    } as unknown as Mnode;
    router.setLocal(local);
  };
  return { router, asked, master };
}

test('the mnode here is asked while it is the master', async () => {
  const { router, asked, master } = routerOf();
  await router.execute('a', session);
  master();
  await router.execute('b', session);
  router.setLocal(undefined);
  await router.execute('c', session);
  expect(asked).toEqual(['remote a', 'changed', 'local b', 'remote c', 'changed']);
});

test('rows change nothing', async () => {
  const { router, asked } = routerOf(rows);
  await router.execute('show databases', session);
  expect(asked).toEqual(['remote show databases']);
});

test.each([
  new RedirectError(['h2:6030']),
  new TaosError(ErrorCode.MND_NOT_READY, undefined, { detail: 'no master at the moment' }),
])('what a master that is none any more answers with $code is asked elsewhere', async (error) => {
  const { router, asked, master } = routerOf();
  master(error);
  expect(await router.execute('a', session)).toEqual(affected);
  expect(asked).toEqual(['local a', 'remote a', 'changed']);
});

test('what another dnode asks is never asked on: it might be asked back', async () => {
  const { router, asked, master } = routerOf();
  const own = ownMnode(router);
  await expect(own.execute('a', session)).rejects.toMatchObject({ code: ErrorCode.MND_NOT_READY });
  master(new TaosError(ErrorCode.MND_NOT_READY));
  await expect(own.execute('b', session)).rejects.toMatchObject({ code: ErrorCode.MND_NOT_READY });
  expect(asked).toEqual(['local b']);
});

test('other failures are for the client; a dnode that stops asks nobody', async () => {
  const { router, asked, master } = routerOf();
  master(new TaosError(ErrorCode.MND_DB_ALREADY_EXIST));
  await expect(router.execute('a', session)).rejects.toMatchObject({
    code: ErrorCode.MND_DB_ALREADY_EXIST,
  });
  master(new RedirectError(['h2:6030']));
  router.close();
  await expect(router.execute('b', session)).rejects.toThrow(RedirectError);
  expect(asked).toEqual(['local a', 'local b']);
});
