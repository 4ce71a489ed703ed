/**
 * What replication costs a client: the same rows over REST into one taosd with one replica, and into three taosd on the
 * same cores with three replicas, quorum 1 and 2. Prints rates, ratios to one taosd, CPU per million rows, and the memory of the largest dnode.
 *
 *   node packages/taosd/test/replicated-ingest.bench.mjs [--rows 1,100,1000] [--warm 8] [--seconds 2] [--rounds 3]
 *        [--connections 32] [--vgroups 6] [--port 21000] [--only one,q1,q2] [--taosd <bin/taosd.mjs of another build>]
 *
 * Requests are one insert of rows of one child table; a connection has one request on its way. Connections are spread
 * over the dnodes. Three targets take turns in each round, and each round's order is the reverse of the one before; the
 * ratio is the median of the rounds' own ratios, so that a slow minute of the machine counts for all three alike. At
 * the end every stored row is counted. Nine threads compile their own code: before `warm` seconds are over figures are
 * those of V8's compiler. Linux only: CPU comes from /proc.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1,100,1000' },
    warm: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '32' },
    vgroups: { type: 'string', default: '6' },
    port: { type: 'string', default: '21000' },
    only: { type: 'string', default: 'one,q1,q2' },
    taosd: { type: 'string', default: path.resolve(here, '../bin/taosd.mjs') },
  },
});
const connections = Number(options.connections);
const vgroups = Number(options.vgroups);
const seconds = Number(options.seconds);
const TABLES = 192;
const FIRST_MS = 1_600_000_000_000;
const AUTHORIZATION = `Basic ${Buffer.from('root:taosdata').toString('base64')}`;
const CLOCK_TICKS = 100; // of /proc/<pid>/stat, a second

const folder = mkdtempSync(path.join(tmpdir(), 'replicated-ingest-'));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One taosd process. */
class Dnode {
  constructor(port, firstPort) {
    this.port = port;
    this.dir = path.join(folder, String(port));
    mkdirSync(path.join(this.dir, 'cfg'), { recursive: true });
    const settings = {
      fqdn: 'localhost',
      firstEp: `localhost:${firstPort}`,
      serverPort: port,
      dataDir: path.join(this.dir, 'data'),
      logDir: path.join(this.dir, 'log'),
      monitor: 0,
      minTablesPerVnode: TABLES / vgroups,
      tableIncStepPerVnode: TABLES / vgroups,
      maxVgroupsPerDb: vgroups,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
    writeFileSync(path.join(this.dir, 'cfg/taos.cfg'), lines.join(''));
    const words = [...process.execArgv, options.taosd, '-c', path.join(this.dir, 'cfg')];
    this.child = spawn(process.execPath, words, { stdio: 'ignore' });
  }

  async sql(text) {
    const answer = await fetch(`http://127.0.0.1:${this.port + 11}/rest/sql`, {
      method: 'POST',
      body: text,
      headers: { authorization: AUTHORIZATION },
    });
    const { status, code, desc, data } = await answer.json();
    if (status !== 'succ') throw new Error(`${text}: ${code} ${desc}`);
    return data;
  }

  /** CPU seconds of the process so far. */
  get cpu() {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
  }
}

/** Resident memory of a dnode, MiB. */
function residentMib({ child }) {
  const status = readFileSync(`/proc/${child.pid}/status`, 'latin1');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024);
}

async function until(isTrue) {
  for (let i = 0; i < 400; i++) {
    if (await isTrue().catch(() => false)) return;
    await pause(50);
  }
  throw new Error(`not true after 20 s: ${isTrue}`);
}

/** Starts `count` dnodes as one cluster, with its tables in a database for each of `quorums`. */
async function startCluster(count, firstPort, quorums) {
  const dnodes = [];
  for (let i = 0; i < count; i++) {
    const port = firstPort + 20 * i;
    if (i > 0) await dnodes[0].sql(`create dnode 'localhost:${port}'`);
    dnodes.push(new Dnode(port, firstPort));
    started.push(dnodes[i]);
    await until(() => dnodes[i].sql('show databases').then(() => true));
  }
  await until(async () => (await dnodes[0].sql('show dnodes')).every((row) => row[4] === 'ready'));
  for (const quorum of quorums) {
    const db = `q${quorum}`;
    await dnodes[0].sql(`create database ${db} replica ${count} quorum ${quorum}`);
    await dnodes[0].sql(
      `create table ${db}.meters (ts timestamp, current float, voltage int, phase float) tags (g int)`,
    );
    for (let t = 0; t < TABLES; t++)
      await dnodes[0].sql(`create table ${db}.d${t} using ${db}.meters tags (${t})`);
  }
  return dnodes;
}

/** One insert of a connection, as the bytes of a request whose times are written anew for each sending. */
class InsertRequest {
  constructor(db, table, rows) {
    const row = (i) => `(${FIRST_MS},${10 + (i % 7) / 8},${210 + (i % 20)},0.${200 + (i % 97)})`;
    const head = `insert into ${db}.d${table} values `;
    const body = head + Array.from({ length: rows }, (_, i) => row(i)).join('');
    this.bytes = Buffer.from(
      `POST /rest/sql HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${AUTHORIZATION}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    this.times = [];
    const time = String(FIRST_MS);
    for (let at = this.bytes.indexOf(time); at >= 0; at = this.bytes.indexOf(time, at + 13))
      this.times.push(at);
  }

  /** The request with rows that begin at millisecond `from`. */
  at(from) {
    for (let i = 0; i < this.times.length; i++)
      this.bytes.latin1Write(String(from + i), this.times[i]);
    return this.bytes;
  }
}

/** Sends inserts over one keep-alive connection until `end`; resolves with how many were answered well. */
function connection({ port, db, index, rows, end, from }) {
  const own = Array.from({ length: TABLES / connections }, (_, i) => index + i * connections);
  const requests = own.map((table) => new InsertRequest(db, table, rows));
  let done = 0;
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: '127.0.0.1', port: port + 11, noDelay: true });
    const send = () => {
      if (performance.now() >= end) {
        socket.destroy();
        resolve(done);
        return;
      }
      socket.write(requests[done % requests.length].at(FIRST_MS + from + done * rows));
    };
    let answer = '';
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('data', (piece) => {
      answer += piece.latin1Slice();
      if (!answer.endsWith('}')) return;
      if (!answer.includes('"succ"')) reject(new Error(answer.slice(answer.indexOf('{'))));
      answer = '';
      done++;
      send();
    });
  });
}

/** What clients do to one target. */
class Target {
  constructor(name, dnodes, db) {
    this.name = name;
    this.dnodes = dnodes;
    this.db = db;
    this.stored = 0;
    /** First times that were not used yet, in ms from FIRST_MS: no time comes twice. */
    this.unused = 0;
  }

  async run(rows, ms) {
    const { db, dnodes } = this;
    const before = this.cpu;
    const begin = performance.now();
    const end = begin + ms;
    const from = this.unused;
    const done = await Promise.all(
      Array.from({ length: connections }, (_, index) => {
        const { port } = dnodes[index % dnodes.length];
        return connection({ port, db, index, rows, end, from });
      }),
    );
    this.unused = from + Math.max(...done) * rows;
    const elapsed = (performance.now() - begin) / 1000;
    const requests = done.reduce((sum, one) => sum + one, 0);
    this.stored += requests * rows;
    return { rate: requests / elapsed, cpu: (1e6 * (this.cpu - before)) / (requests * rows) };
  }

  get cpu() {
    return this.dnodes.reduce((sum, dnode) => sum + dnode.cpu, 0);
  }

  /** What each dnode says is stored must be what was acknowledged. */
  async check() {
    for (const dnode of this.dnodes) {
      const [[count]] = await dnode.sql(`select count(*) from ${this.db}.meters`);
      if (count !== this.stored)
        throw new Error(`${this.name}: ${this.stored} rows acknowledged, ${count} stored`);
    }
  }
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

async function measure(targets, rows) {
  const results = new Map(targets.map(({ name }) => [name, []]));
  for (const target of targets) await target.run(rows, 1000 * Number(options.warm));
  for (let round = 0; round < Number(options.rounds); round++) {
    const order = round % 2 === 0 ? targets : targets.toReversed();
    for (const target of order)
      results.get(target.name).push(await target.run(rows, seconds * 1000));
  }
  const cells = targets.map(({ name, dnodes }) => {
    const resident = Math.max(...dnodes.map(residentMib));
    const own = results.get(name);
    const rate = Math.round(median(own.map((one) => one.rate)));
    const cpu = median(own.map((one) => one.cpu));
    const base = results.get('one');
    const ratio = base === undefined ? NaN : median(own.map((one, i) => one.rate / base[i].rate));
    return `${name} ${String(rate).padStart(6)}/s ${ratio.toFixed(3)} ${cpu.toFixed(2).padStart(6)} s/M ${resident} MiB`;
  });
  process.stdout.write(`${String(rows).padStart(5)} rows  ${cells.join('  |  ')}\n`);
}

const started = [];
try {
  const port = Number(options.port);
  const names = options.only.split(',');
  const targets = [];
  if (names.includes('one')) {
    const single = await startCluster(1, port, [1]);
    targets.push(new Target('one', single, 'q1'));
  }
  const quorums = [1, 2].filter((quorum) => names.includes(`q${quorum}`));
  if (quorums.length > 0) {
    const three = await startCluster(3, port + 100, quorums);
    for (const quorum of quorums) targets.push(new Target(`q${quorum}`, three, `q${quorum}`));
  }
  process.stdout.write(
    `requests a second, ratio to one taosd, CPU s per million rows, memory of a dnode; ${connections} connections, ${vgroups} vgroups\n`,
  );
  for (const rows of options.rows.split(',').map(Number)) await measure(targets, rows);
  for (const target of targets) await target.check();
} finally {
  for (const { child } of started) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}
