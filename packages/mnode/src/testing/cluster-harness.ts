/** An mnode on the first of several fake dnodes, and virtual time. */
import { seededRandom, silentLogger } from '@tdnode/common';
import { ManualClock, MemoryFileSystem } from '@tdnode/testkit';
import { defaultMnodeConfig, type MnodeConfig } from '../config.ts';
import { openMnode, type Mnode } from '../mnode.ts';
import { FakeCluster, type FakeDnode } from './fake-cluster.ts';
import { answerOf, type Answer } from './harness.ts';

/** The mnode is asked to work so often. */
const TICK_MS = 100;
const REPORT_TICKS = 10;

export class ClusterHarness {
  readonly cluster: FakeCluster;
  readonly clock = new ManualClock();
  readonly first: FakeDnode;
  mnode!: Mnode;
  /** Since when the arbitrator is connected. */
  arbitratorSince: number | undefined;
  readonly #fs = new MemoryFileSystem();
  readonly #config: MnodeConfig;
  #ticks = 0;

  private constructor(seed: number, config: MnodeConfig) {
    this.cluster = new FakeCluster(seededRandom(seed));
    this.first = this.cluster.add('h1:6030');
    this.first.parameters = config.cluster;
    this.#config = config;
  }

  /** A cluster of `h1:6030` alone. */
  static async open(seed = 1, config: Partial<MnodeConfig> = {}): Promise<ClusterHarness> {
    const harness = new ClusterHarness(seed, { ...defaultMnodeConfig, ...config });
    await harness.restartMnode();
    harness.first.dnodeId = 1;
    harness.first.clusterId = harness.mnode.clusterId;
    await harness.run(1);
    return harness;
  }

  /** The old one ends without a word, as by kill -9; a new one opens the same files. */
  async restartMnode(): Promise<void> {
    const generation = ++this.cluster.generation;
    this.mnode = await openMnode({
      fs: this.#fs,
      dir: '/data/mnode',
      clock: this.clock,
      logger: silentLogger,
      vnodes: this.cluster.vnodes,
      config: this.#config,
      dnode: { id: 1, endPoint: this.first.endPoint, cores: this.first.cores },
      variables: () => [],
      arbitratorSince: () => this.arbitratorSince,
      commands: this.cluster.commandsOf(generation),
    });
  }

  /** Adds a dnode by SQL, starts it, and waits until it has joined. */
  async join(endPoint: string, change: (dnode: FakeDnode) => void = () => {}): Promise<FakeDnode> {
    const dnode = this.cluster.add(endPoint);
    dnode.parameters = this.#config.cluster;
    change(dnode);
    await this.sql(`create dnode '${endPoint}'`);
    await this.run(2);
    return dnode;
  }

  /** Lets `seconds` pass. */
  async run(seconds: number, each: () => void | Promise<void> = () => {}): Promise<void> {
    for (let i = 0; i < (seconds * 1000) / TICK_MS; i++) {
      await each();
      this.clock.advance(TICK_MS);
      this.cluster.step();
      this.#ticks++;
      for (const [index, dnode] of this.cluster.dnodes.entries())
        if (dnode.isUp && (this.#ticks + index) % REPORT_TICKS === 0) await this.report(dnode);
      await this.mnode.tick();
      await turns();
    }
  }

  /** One report and what follows from it. */
  async report(dnode: FakeDnode): Promise<void> {
    await this.cluster.obey(dnode, await this.mnode.onStatus(this.cluster.reportOf(dnode)));
  }

  /** Runs a statement, which must succeed, and gives its rows. */
  async sql(sql: string, db?: string): Promise<readonly (readonly unknown[])[]> {
    const answer = await this.answer(sql, db);
    if (answer.status === 'error') throw new Error(`${sql}: ${answer.code} ${answer.desc}`);
    return answer.data ?? [];
  }

  answer(sql: string, db?: string): Promise<Answer> {
    return answerOf(this.mnode, sql, { user: 'root', db, timezone: 'UTC' });
  }

  /** A database with so many vgroups, one table in each. */
  async fill(db: string, vgroups: number, options = ''): Promise<void> {
    await this.sql(`create database ${db} ${options}`);
    await this.sql('create table s (ts timestamp, v int) tags (g int)', db);
    for (let i = 0; i < vgroups; i++) await this.sql(`create table t${i} using s tags (${i})`, db);
  }

  /** Vnodes by dnode, as `show dnodes` says. */
  async vnodes(): Promise<Record<string, number>> {
    const rows = await this.sql('show dnodes');
    return Object.fromEntries(rows.map(([id, , vnodes]) => [String(id), Number(vnodes)]));
  }

  /** Vnodes that are really there. */
  copies(): Record<string, number> {
    return Object.fromEntries(
      this.cluster.dnodes.map(({ dnodeId, replicas }) => [
        String(dnodeId),
        replicas.size - (replicas.has(1) ? 1 : 0),
      ]),
    );
  }
}

/** What waits for a turn of the event loop, waits for several: fsyncs, then the step after them. */
async function turns(): Promise<void> {
  for (let i = 0; i < 12; i++) await new Promise((resolve) => setImmediate(resolve));
}
