/**
 * Aim: the service manager hears the state, and a failure to tell it is not hidden. Method: a program `systemd-notify` of
 * the test's own on the PATH, which writes down what it was called with.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tellServiceManager } from './service-manager.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'notify-'));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

function plant(script: string): void {
  const file = path.join(folder, 'systemd-notify');
  fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

const environment = (): NodeJS.ProcessEnv => ({
  PATH: `${folder}:/usr/bin:/bin`,
  NOTIFY_SOCKET: '/run/none',
  CALLS: path.join(folder, 'calls'),
});

test('the state goes to the socket that systemd named, for this process', async () => {
  plant('echo "$@" "$NOTIFY_SOCKET" >> "$CALLS"');
  await tellServiceManager('READY=1', environment());
  const calls = fs.readFileSync(path.join(folder, 'calls'), 'utf8');
  expect(calls).toBe(`--pid=${process.pid} READY=1 /run/none\n`);
});

test('without a service manager nothing is called', async () => {
  plant('exit 1');
  await expect(tellServiceManager('READY=1', { PATH: folder })).resolves.toBeUndefined();
});

test('a state that could not be told rejects', async () => {
  plant('exit 1');
  await expect(tellServiceManager('STOPPING=1', environment())).rejects.toThrow('systemd-notify');
});
