/**
 * A writer and a reader on a host of the laboratory: `failover-client.mjs STABLE HOST,HOST,… [FROM]`. The writer inserts
 * rows FROM, FROM + 1, … one by one and goes on to the next when a row is acknowledged; the reader counts rows. Both ask
 * the first host; one that cannot be reached is left for the next in the list, a statement that failed is sent again.
 * On SIGTERM the row under way is finished, and what came of it is printed as JSON.
 */
import { setTimeout as pause } from 'node:timers/promises';

const [stable, hostList, first = '0'] = process.argv.slice(2);
const hosts = hostList.split(',');
const from = Number(first);
const TABLES = 8;
const BEGIN = Date.UTC(2024, 0, 1);
const TIMEOUT_MS = 20_000;
const AGAIN_MS = 5;
const READ_EVERY_MS = 20;
const headers = { authorization: `Basic ${Buffer.from('root:taosdata').toString('base64')}` };

/** One client: its host, and what it has seen. */
class Client {
  #host = 0;
  #lastAnswer = performance.now();
  longestPauseMs = 0;
  statements = 0;
  turned = 0;
  failures = {};

  /** Sends one statement until it succeeds; `textOf` makes it anew for each attempt. */
  async succeed(textOf) {
    for (;;) {
      const answer = await this.#send(textOf());
      if (answer?.status === 'succ') {
        const now = performance.now();
        this.longestPauseMs = Math.max(this.longestPauseMs, now - this.#lastAnswer);
        this.#lastAnswer = now;
        this.statements++;
        return answer;
      }
      await pause(AGAIN_MS);
    }
  }

  async #send(body) {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const url = `http://${hosts[this.#host]}:6041/rest/sql`;
      const answer = await (await fetch(url, { method: 'POST', body, headers, signal })).json();
      if (answer.status === 'error') this.#note(`${answer.code} ${answer.desc}`);
      return answer;
    } catch (error) {
      if (error.name === 'TimeoutError') this.#note(`no answer from ${hosts[this.#host]}`);
      this.#host = (this.#host + 1) % hosts.length;
      this.turned++;
      return undefined;
    }
  }

  #note(failure) {
    this.failures[failure] = (this.failures[failure] ?? 0) + 1;
  }

  result() {
    const { statements, turned, failures, longestPauseMs } = this;
    return { statements, turned, failures, longestPauseMs: Math.round(longestPauseMs) };
  }
}

let isStopping = false;
process.on('SIGTERM', () => (isStopping = true));
const writer = new Client();
const reader = new Client();
let row = from;
let staleReads = 0;

async function write() {
  while (!isStopping) {
    const t = row % TABLES;
    const values = `values (${BEGIN + row}, ${row})`;
    await writer.succeed(() => `insert into ${stable}_${t} using ${stable} tags (${t}) ${values}`);
    row++;
  }
}

async function read() {
  while (!isStopping) {
    let acknowledged = 0;
    const { data } = await reader.succeed(() => {
      acknowledged = row;
      return `select count(*) from ${stable}`;
    });
    if (Number(data[0]?.[0] ?? 0) < acknowledged) staleReads++;
    await pause(READ_EVERY_MS);
  }
}

await Promise.all([write(), read()]);
const result = { end: row, writer: writer.result(), reader: reader.result(), staleReads };
process.stdout.write(JSON.stringify(result));
process.exit();
