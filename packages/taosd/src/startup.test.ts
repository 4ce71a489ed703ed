/** What stops a start: configuration, folders, names, and a second server on the same data. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfigFile } from './config-file.ts';
import { lockDataDir } from './data-lock.ts';
import { checkFolder, checkFqdn } from './startup-checks.ts';
import { StartupError, reasonOf, startupSentence } from './startup-error.ts';
import { portError } from './wire.ts';

let folder = '';
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'taosd-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

test('-c takes a folder or a file; what is named must exist', () => {
  const file = path.join(folder, 'taos.cfg');
  fs.writeFileSync(file, 'serverPort 7030\n');
  expect(readConfigFile(folder, true).config.serverPort).toBe(7030);
  expect(readConfigFile(file, true).config.configDir).toBe(folder);
  const missing = path.join(folder, 'none');
  expect(() => readConfigFile(missing, true)).toThrow(`${missing}/taos.cfg cannot be read`);
  expect(readConfigFile(missing, false).config.serverPort).toBe(6030);
});

test('one server a data folder', async () => {
  const lock = await lockDataDir(folder);
  await expect(lockDataDir(folder)).rejects.toThrow(`runs on the data folder ${folder}`);
  lock.release();
  (await lockDataDir(folder)).release();
});

test('the lock of a process that is gone, or of another with its number, does not hold', async () => {
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  fs.mkdirSync(path.join(folder, 'dnode'));
  for (const holder of [`${gone} 12345`, `${process.ppid} 1`, 'nonsense', '']) {
    fs.writeFileSync(path.join(folder, 'dnode/.running'), holder);
    (await lockDataDir(folder)).release();
  }
});

test('the lock file of a living process holds without the socket', async () => {
  const stat = fs.readFileSync(`/proc/${process.ppid}/stat`, 'latin1');
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  fs.mkdirSync(path.join(folder, 'dnode'));
  fs.writeFileSync(path.join(folder, 'dnode/.running'), `${process.ppid} ${startTime}`);
  await expect(lockDataDir(folder)).rejects.toThrow(`process ${process.ppid}`);
});

test('a folder that cannot be written is named, with the parameter', () => {
  checkFolder('dataDir', path.join(folder, 'new/deep'));
  expect(fs.readdirSync(path.join(folder, 'new/deep'))).toEqual([]);
  fs.writeFileSync(path.join(folder, 'file'), '');
  expect(() => checkFolder('logDir', path.join(folder, 'file/x'))).toThrow(
    `${folder}/file/x (logDir) cannot be written`,
  );
});

test('a folder below /proc is refused, not tried for ever', () => {
  expect(() => checkFolder('dataDir', '/proc/tdnode/data')).toThrow('/proc/tdnode/data (dataDir)');
});

test('an fqdn must resolve', async () => {
  await checkFqdn('localhost');
  await expect(checkFqdn('no-such-host.invalid')).rejects.toThrow('no-such-host.invalid');
});

test('sentences', () => {
  const taken = Object.assign(new Error('x'), { code: 'EADDRINUSE' });
  expect(portError(6041, 'REST', taken).message).toContain('port 6041 (REST) is taken');
  const denied = Object.assign(new Error('x'), { code: 'EACCES' });
  expect(portError(80, 'REST', denied).message).toContain('permission denied');
  expect(reasonOf(Object.assign(new Error('x'), { code: 'ENOSPC' }))).toContain('disk is full');
  expect(startupSentence(new StartupError('plain'))).toBe('plain');
  expect(startupSentence(new Error('bug'))).toContain('startup.test');
});
