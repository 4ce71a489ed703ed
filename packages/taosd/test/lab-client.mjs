/**
 * A client on a host of the laboratory, of the REST port of its own host. `sql` answers each line of stdin, a statement
 * as JSON, by a line of JSON. `write TABLE` inserts single rows, `read TABLE` counts them, one statement after the other until SIGTERM; then it prints what came
 * of it. Both try a statement again at once when it failed: a row is the same row then.
 */
import { hostname } from 'node:os';
import { createInterface } from 'node:readline';

const [kind, word] = process.argv.slice(2);
const url = `http://${hostname()}:6041/rest/sql`;
const headers = { authorization: `Basic ${Buffer.from('root:taosdata').toString('base64')}` };

async function send(text) {
  try {
    const signal = AbortSignal.timeout(20_000);
    const answer = await fetch(url, { method: 'POST', body: text, headers, signal });
    return await answer.json();
  } catch (error) {
    return { status: 'error', code: -1, desc: String(error.cause ?? error) };
  }
}

if (kind === 'sql') {
  for await (const line of createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify(await send(JSON.parse(line)))}\n`);
  process.exit();
}

let isStopping = false;
process.on('SIGTERM', () => (isStopping = true));
const failures = [];
let statements = 0;
let rows = 0;
let longestPauseMs = 0;
let lastAnswer = performance.now();
const begin = Date.UTC(2024, 0, 1);
while (!isStopping) {
  const text =
    kind === 'write'
      ? `insert into ${word}${rows % 20} values (${begin + rows}, ${rows})`
      : `select count(*) from ${word}`;
  const answer = await send(text);
  statements++;
  if (answer.status === 'succ') {
    const now = performance.now();
    longestPauseMs = Math.max(longestPauseMs, now - lastAnswer);
    lastAnswer = now;
    rows++;
  } else if (failures.length < 100) {
    failures.push(`${answer.code} ${answer.desc}`);
  }
}
process.stdout.write(JSON.stringify({ statements, failures, longestPauseMs, rows }));
