/**
 * Several mnodes, each with a disk of its own, over a network of arrays and in virtual time. Dnodes are no more than
 * what reports and carries an mnode when it is told to; vnodes are shared and can always be reached.
 */
import { TaosError, seededRandom, silentLogger, type Random } from '@tdnode/common';
import type { DnodeCommands, StatusAnswer, VnodeCommand, VnodeReport } from '@tdnode/rpc';
import { ManualClock, MemoryFileSystem } from '@tdnode/testkit';
import { defaultMnodeConfig, type MnodeConfig } from '../config.ts';
import { openMnode, type Mnode } from '../mnode.ts';
import { MNODE_TICK_MS, type MnodeReplication } from '../sdb/replication.ts';
import { dropVnode, vnodeExists } from '../outbox.ts';
import { FakeVnodes } from './fake-vnodes.ts';
import { answerOf, rootSession, type Answer } from './harness.ts';

const DIR = '/data/mnode';
const REPORT_STEPS = 20;
const WORK_STEPS = 2;
/** `sql` looks for a master no longer than this. */
const PATIENCE_STEPS = 400;

const config: MnodeConfig = {
  ...defaultMnodeConfig,
  placement: {
    maxVgroupsPerDb: 3,
    minTablesPerVnode: 4,
    tableIncStepPerVnode: 4,
    maxTablesPerVnode: 1000,
  },
  cluster: { ...defaultMnodeConfig.cluster, balance: 0 },
  adjustMaster: false,
};

/** Small ones, so that little is logged and much happens. */
export type Sizes = Pick<MnodeReplication, 'segmentBytes' | 'checkpointBytes'>;

/** One host. */
export interface Host {
  readonly endPoint: string;
  /** 0: not joined yet. */
  id: number;
  fs: MemoryFileSystem;
  mnode: Mnode | undefined;
  isUp: boolean;
  isOpening: boolean;
  /** Of the process: what an earlier one began reaches nobody. */
  life: number;
}

interface Frame {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly at: number;
}

/** See the head of this file. */
export class MnodeGroup {
  readonly vnodes = new FakeVnodes();
  readonly hosts: Host[] = [];
  readonly random: Random;
  /** Share of frames that get lost. */
  loss = 0;
  readonly #clock = new ManualClock();
  readonly #sizes: Sizes;
  /** Dnodes that nobody hears and that hear nobody. */
  readonly #cut = new Set<number>();
  #frames: Frame[] = [];
  #steps = 0;

  private constructor(seed: number, sizes: Sizes) {
    this.random = seededRandom(seed);
    this.#sizes = sizes;
  }

  /** `h1:6030`, alone; on a disk that is there already, if one is given. */
  static async found(seed: number, sizes: Sizes = {}, fs?: MemoryFileSystem): Promise<MnodeGroup> {
    const group = new MnodeGroup(seed, sizes);
    const first = group.#host('h1:6030');
    first.id = 1;
    first.fs = fs ?? first.fs;
    await group.#open(first);
    return group;
  }

  /** `h1:6030` to `h<count>:6030`, as many mnodes as `numOfMnodes` lets have one. */
  static async of(count: number, seed: number, sizes: Sizes = {}): Promise<MnodeGroup> {
    const group = await MnodeGroup.found(seed, sizes);
    for (let i = 2; i <= count; i++) await group.join(`h${i}:6030`);
    await group.until(() => group.voters.length === Math.min(count, 3));
    return group;
  }

  /** The master, if there is exactly one that others do not outvote. */
  get master(): Host | undefined {
    return this.hosts.find(
      ({ id, isUp, mnode }) => isUp && mnode?.isMaster === true && !this.#cut.has(id),
    );
  }

  /** As the master's log has them. */
  get voters(): readonly number[] {
    return this.master?.mnode?.report().members?.voters ?? [];
  }

  host(id: number): Host {
    return this.hosts.find((host) => host.id === id)!;
  }

  async join(endPoint: string): Promise<Host> {
    const host = this.#host(endPoint);
    await this.sql(`create dnode '${endPoint}'`);
    await this.until(() => host.id > 0);
    return host;
  }

  /** Ends a process without a word; what it did not sync may be lost. */
  kill(id: number): void {
    const host = this.host(id);
    host.isUp = false;
    host.life++;
    host.mnode = undefined;
    host.fs = host.fs.crash({ data: 'random', names: 'random', random: this.random });
    for (const { id: other, isUp, mnode } of this.hosts)
      if (isUp && other !== id) mnode?.peerLost(id);
  }

  /** Starts a killed process again. */
  async restart(id: number): Promise<void> {
    const host = this.host(id);
    host.isUp = true;
    if (host.fs.exists(`${DIR}/wal`)) await this.#open(host);
  }

  /** Packets from and to this dnode vanish. */
  cut(id: number): void {
    this.#cut.add(id);
  }

  /** Whether somebody is cut off. */
  get isCut(): boolean {
    return this.#cut.size > 0;
  }

  /** All cables are in again. */
  heal(): void {
    this.#cut.clear();
  }

  /** Asks whoever is master, and again while there is none. */
  async sql(sql: string, db?: string): Promise<Answer> {
    let last: Answer = { status: 'error', code: 828 };
    for (let i = 0; i < PATIENCE_STEPS; i++) {
      const mnode = this.master?.mnode;
      if (mnode !== undefined) {
        const answer = await this.waitFor(answerOf(mnode, sql, { ...rootSession, db }));
        if (answer === undefined) continue; // that master never came back to it
        if (answer.code !== 828 && answer.code !== 1) return answer;
        last = answer;
      }
      await this.step();
    }
    return last;
  }

  /** Lets time pass until `work` is done; undefined when that takes too long: whoever did it is dead. */
  async waitFor<T>(work: Promise<T>): Promise<T | undefined> {
    let result: { readonly value: T } | undefined;
    let failure: unknown;
    work.then(
      (value) => (result = { value }),
      (error: unknown) => (failure = error ?? new Error('failed')),
    );
    for (let i = 0; i < PATIENCE_STEPS / 4; i++) {
      await turns(4);
      if (result !== undefined) return result.value;
      if (failure !== undefined) throw failure;
      await this.step();
    }
    return undefined;
  }

  /** Steps until `isSo`; throws when that takes a minute. */
  async until(isSo: () => boolean): Promise<number> {
    for (let i = 0; i < 1200; i++) {
      if (isSo()) return i * MNODE_TICK_MS;
      await this.step();
    }
    throw new Error('waited for a minute');
  }

  /** One tick of all. */
  async step(): Promise<void> {
    this.#clock.advance(MNODE_TICK_MS);
    this.#steps++;
    for (const { isUp, mnode } of this.hosts) if (isUp) mnode?.tickReplica();
    await turns(2);
    // An answer within a step: several hops a tick, as on a real network.
    for (let hop = 0; hop < 4; hop++) {
      this.#deliver();
      await turns(2);
    }
    if (this.#steps % WORK_STEPS === 0) void this.master?.mnode?.tick();
    for (const [i, host] of this.hosts.entries())
      if (host.isUp && (this.#steps + i) % REPORT_STEPS === 0) await this.#report(host);
    await turns(4);
  }

  #host(endPoint: string): Host {
    const fs = new MemoryFileSystem();
    fs.makeFolder('/data');
    fs.syncAll();
    const host: Host = {
      endPoint,
      id: 0,
      fs,
      mnode: undefined,
      isUp: true,
      isOpening: false,
      life: 0,
    };
    this.hosts.push(host);
    return host;
  }

  async #open(host: Host, join?: readonly number[]): Promise<void> {
    const life = ++host.life;
    const isAlive = (): boolean => host.isUp && host.life === life;
    host.isOpening = true;
    const mnode = await openMnode({
      fs: host.fs,
      dir: DIR,
      clock: this.#clock,
      logger: silentLogger,
      vnodes: guarded(this.vnodes, isAlive),
      config,
      dnode: { id: host.id, endPoint: host.endPoint, cores: 2 },
      variables: () => [],
      commands: guarded(this.#commands(), isAlive),
      replication: {
        random: this.random,
        send: (to, parts) => {
          if (isAlive()) this.#send(host.id, to, parts);
        },
        ...(join === undefined ? {} : { join }),
        ...this.#sizes,
      },
    });
    host.isOpening = false;
    host.mnode = mnode;
  }

  #commands(): DnodeCommands {
    const { vnodes } = this;
    return {
      async createVnode(_, options) {
        if (!(await vnodeExists(vnodes, options.vgId))) await vnodes.create(options);
      },
      alterVnode: (_, options) => vnodes.alter(options),
      dropVnode: (_, vgId) => dropVnode(vnodes, vgId),
      changeMembers: async (dnodeId, _, change) => this.host(dnodeId).mnode?.changeMembers(change),
      vnodeReport: async () => undefined,
    };
  }

  #send(from: number, to: number, parts: readonly Uint8Array[]): void {
    if (this.random.next() < this.loss) return;
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    const delay = this.random.next() < 0.1 ? 1 : 0;
    this.#frames.push({ from, to, bytes, at: this.#steps + delay });
  }

  #deliver(): void {
    const ready = this.#frames.filter(({ at }) => at <= this.#steps);
    this.#frames = this.#frames.filter(({ at }) => at > this.#steps);
    for (const { from, to, bytes } of ready) {
      if (this.#cut.has(from) || this.#cut.has(to)) continue;
      const host = this.hosts.find(({ id }) => id === to);
      if (host?.isUp === true) host.mnode?.receiveFrame(bytes);
    }
  }

  async #report(host: Host): Promise<void> {
    const mnode = this.master?.mnode;
    if (mnode === undefined || this.#cut.has(host.id)) return;
    let answer: StatusAnswer | undefined;
    try {
      answer = await this.waitForReport(
        mnode.onStatus({
          dnodeId: host.id,
          endPoint: host.endPoint,
          clusterId: host.id === 0 ? '' : mnode.clusterId,
          version: config.version,
          cores: 2,
          role: 0,
          load: { cpu: 0, memory: 0, disk: 0, bandwidth: 0 },
          parameters: config.cluster,
          vnodes: this.#vnodeReports(host),
        }),
      );
    } catch (error) {
      if (!(error instanceof TaosError)) throw error;
    }
    if (answer !== undefined) await this.#obey(host, answer);
  }

  /** A report whose master dies meanwhile gets no answer. */
  async waitForReport<T>(work: Promise<T>): Promise<T | undefined> {
    const late = turns(40).then(() => undefined);
    return Promise.race([work, late]);
  }

  #vnodeReports({ id, mnode }: Host): VnodeReport[] {
    const own = mnode === undefined ? [] : [mnode.report()];
    const rest = { tables: 0, rows: 0, points: 0, storage: 0 };
    return own.concat(
      [...this.vnodes.vnodes.values()].flatMap(({ config: { vgId, replicas }, version }) => {
        const voters = replicas.map(({ dnodeId }) => dnodeId);
        if (!voters.includes(id)) return [];
        const members = { version: 0, voters, learners: [] };
        return [{ vgId, role: 'master' as const, term: 1, version, members, ...rest }];
      }),
    );
  }

  async #obey(host: Host, answer: StatusAnswer): Promise<void> {
    if (answer.kind === 'dropped') {
      host.isUp = false;
      host.mnode = undefined;
      host.life++;
    }
    if (answer.kind !== 'welcome') return;
    host.id = answer.dnodeId;
    const ids = answer.mnodes.map(({ dnodeId }) => dnodeId);
    const isOne = ids.includes(host.id);
    if (isOne && host.mnode === undefined && !host.isOpening) {
      await this.#open(host, ids);
    } else if (!isOne && host.mnode !== undefined) {
      const { mnode } = host;
      host.mnode = undefined;
      await mnode.close();
      host.fs.removeFolder(DIR);
    }
    for (const command of answer.commands) await this.#carryOut(host.id, command);
  }

  async #carryOut(id: number, command: VnodeCommand): Promise<void> {
    const commands = this.#commands();
    if (command.kind === 'create') await commands.createVnode(id, command.config, command.start);
    else if (command.kind === 'alter') await commands.alterVnode(id, command.config);
    else await commands.dropVnode(id, command.vgId as never);
  }
}

/** `target`, for as long as the process that uses it lives: afterwards its calls never end. */
function guarded<T extends object>(target: T, isAlive: () => boolean): T {
  return new Proxy(target, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name);
      if (typeof member !== 'function') return member;
      return (...args: readonly unknown[]): unknown =>
        isAlive() ? Reflect.apply(member, object, args) : new Promise(() => {});
    },
  });
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
