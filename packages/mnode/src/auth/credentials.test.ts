/** Logging in: right and wrong passwords, what is remembered and when it is forgotten. */
import { expect, test } from 'vitest';
import { answerOf, openHarness, rootSession } from '../testing/harness.ts';

test('root logs in, the internal users never do, unknown users are told apart', async () => {
  const { mnode } = await openHarness();
  expect(await mnode.authenticate('root', 'taosdata')).toEqual({
    name: 'root',
    privilege: 'super',
  });
  await expect(mnode.authenticate('root', 'TAOSDATA')).rejects.toMatchObject({ code: 3 });
  for (const name of ['_root', 'monitor']) {
    await expect(mnode.authenticate(name, '')).rejects.toMatchObject({ code: 3 });
    await expect(mnode.authenticate(name, 'taosdata')).rejects.toMatchObject({ code: 3 });
  }
  await expect(mnode.authenticate('ROOT', 'taosdata')).rejects.toMatchObject({ code: 849 });
});

test('an old password does not work after a change, nor after a drop, though it was remembered', async () => {
  const { mnode } = await openHarness();
  await answerOf(mnode, "create user u pass 'one'");
  await mnode.authenticate('u', 'one');
  await mnode.authenticate('u', 'one');
  await answerOf(mnode, "alter user u pass 'two'");
  await expect(mnode.authenticate('u', 'one')).rejects.toMatchObject({ code: 3 });
  await mnode.authenticate('u', 'two');
  await answerOf(mnode, 'drop user u');
  await expect(mnode.authenticate('u', 'two')).rejects.toMatchObject({ code: 849 });
  await answerOf(mnode, "create user u pass 'three'");
  await expect(mnode.authenticate('u', 'two')).rejects.toMatchObject({ code: 3 });
});

test('a login that runs while the password changes is not remembered', async () => {
  const { mnode } = await openHarness();
  await answerOf(mnode, "create user u pass 'one'");
  const login = mnode.authenticate('u', 'one').catch(() => undefined);
  await mnode.execute("alter user u pass 'two'", rootSession);
  await login;
  await expect(mnode.authenticate('u', 'one')).rejects.toMatchObject({ code: 3 });
});

test('users survive a restart', async () => {
  const { mnode, fs, vnodes } = await openHarness();
  await answerOf(mnode, "create user u pass 'one'");
  await answerOf(mnode, 'alter user u privilege read');
  await mnode.close();
  const again = await openHarness({ fs, vnodes });
  expect(await again.mnode.authenticate('u', 'one')).toEqual({ name: 'u', privilege: 'readable' });
  const answer = await answerOf(again.mnode, 'create database d', { ...rootSession, user: 'u' });
  expect(answer.code).toBe(771);
});
