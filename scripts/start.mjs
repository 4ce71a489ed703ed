#!/usr/bin/env node
// `npm start`: runs one taosd with configs/taos.cfg, data and logs under ./var, until Ctrl-C.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
for (const folder of ['var/data', 'var/log']) mkdirSync(folder, { recursive: true });

const port =
  /^\s*serverPort\s+(\d+)/im.exec(readFileSync('configs/taos.cfg', 'utf8'))?.[1] ?? '6030';
const rest = `http://localhost:${Number(port) + 11}`;
const isAnswered = (path) =>
  fetch(rest + path, { signal: AbortSignal.timeout(2000) }).then(
    (answer) => answer.ok || path === '/',
    () => false,
  );
if (await isAnswered('/')) {
  console.error(
    `another server answers at ${rest}: stop it, or set serverPort in configs/taos.cfg`,
  );
  process.exit(1);
}
const taosd = spawn(process.execPath, ['packages/taosd/bin/taosd.mjs', '-c', 'configs'], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => taosd.kill(signal));
taosd.on('exit', (code) => process.exit(code ?? 1));

for (let i = 0; i < 200 && taosd.exitCode === null; i++) {
  if (await isAnswered('/rest/login/root/taosdata')) {
    console.log(`TDnode answers SQL at ${rest}/rest/sql (user root, password taosdata). Try:\n`);
    console.log(`  curl -u root:taosdata -d 'show databases' ${rest}/rest/sql\n`);
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
}
