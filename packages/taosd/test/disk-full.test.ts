/**
 * A disk that runs full under a real server: writes fail with a code, what was acknowledged stays readable, and when
 * space returns writes go on by themselves. The disk is a small tmpfs in a mount namespace of the server's own, so
 * nothing of the host is touched; where the kernel gives no such namespace the test is skipped and says so.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { newTaosd, skipUnless, type Taosd } from './harness.ts';

const namespace = process.getuid?.() === 0 ? ['unshare', '-m'] : ['unshare', '-Urm'];
const canMount =
  spawnSync(namespace[0]!, [namespace[1]!, 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0;

const started: Taosd[] = [];
afterAll(async () => {
  for (const taosd of started) await taosd.dispose();
});

/** A taosd whose dataDir is a tmpfs of 40 MiB, 24 of them taken by a file `ballast`. */
async function onSmallDisk(): Promise<{ taosd: Taosd; freeSpace: () => void }> {
  const taosd = await newTaosd();
  started.push(taosd);
  const { dataDir } = taosd;
  const mount = `mkdir -p '${dataDir}' && mount -t tmpfs -o size=40m tmpfs '${dataDir}'`;
  const fill = `dd if=/dev/zero of='${dataDir}/ballast' bs=1M count=24 2>/dev/null`;
  await taosd.start([...namespace, 'sh', '-c', `${mount} && ${fill} && exec "$@"`, 'sh']);
  const inside = path.join(`/proc/${taosd.pid}/root`, dataDir, 'ballast');
  return { taosd, freeSpace: () => rmSync(inside) };
}

test('a full disk refuses writes with a code and heals by itself', async (context) => {
  skipUnless(context, canMount, 'a disk of its own needs root or user namespaces');
  const { taosd, freeSpace } = await onSmallDisk();
  await taosd.sql('create database d keep 36500');
  await taosd.sql('create table d.t (ts timestamp, s binary(1000))');
  let ts = 1_600_000_000_000;
  let acknowledged = 0;
  const insert = () => {
    const rows = Array.from({ length: 200 }, () => `(${ts++},'${String(ts).repeat(70)}')`);
    return taosd.sql(`insert into d.t values ${rows.join(' ')}`);
  };
  const count = async () => (await taosd.sql('select count(*) from d.t')).data?.[0]?.[0];

  let answer = await insert();
  for (let i = 0; i < 400 && answer.status === 'succ'; i++) {
    acknowledged += 200;
    answer = await insert();
  }
  expect(answer).toMatchObject({ status: 'error', code: 0x0505 });
  expect(await count()).toBe(acknowledged);

  freeSpace();
  await expect.poll(async () => (await insert()).status, { timeout: 20_000 }).toBe('succ');
  acknowledged += 200;
  expect(await count()).toBe(acknowledged);
  expect(taosd.logTail(1000)).not.toContain('a bug');
});

test('a disk that is full at the start is named', async (context) => {
  skipUnless(context, canMount, 'a disk of its own needs root or user namespaces');
  const taosd = await newTaosd();
  started.push(taosd);
  const { dataDir } = taosd;
  const mount = `mkdir -p '${dataDir}' && mount -t tmpfs -o size=16k tmpfs '${dataDir}'`;
  const start = taosd.start([...namespace, 'sh', '-c', `${mount} && exec "$@"`, 'sh']);
  await expect(start).rejects.toThrow(
    `taosd ended with 1: taosd: the folder ${dataDir} (dataDir) cannot be written: the disk is full (ENOSPC)`,
  );
});
