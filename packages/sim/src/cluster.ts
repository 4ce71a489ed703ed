/**
 * A simulated vgroup: hosts, an arbitrator perhaps, the network between them, virtual time, clients. What happens
 * is decided by one seed; checkers look after every step. `faults.ts` says what goes wrong.
 */
import { seededRandom, type Random } from '@tdnode/common';
import { ARBITRATOR, type Config, type ReplicaId } from '@tdnode/sync';
import { ArbitratorNode } from './arbitrator-node.ts';
import { Checkers } from './checkers.ts';
import { EventQueue } from './events.ts';
import { History, type Removal } from './history.ts';
import { isFull } from './meters.ts';
import { drawGroup, type Group } from './group.ts';
import { SimNetwork } from './network.ts';
import { SimNode } from './node.ts';
import type { Plant } from './plants.ts';
import type { Trace } from './trace.ts';

/** How long a core's tick is, ms. */
export const TICK_MS = 20;
const WRITE_MS = 12;
const BATCH_MAX = 3;
/** How many clients' writes take something away that is there. */
const REMOVAL_SHARE = 0.08;
/** Promises that stand between an mnode's answer and its client. */
const ANSWER_TURNS = 6;
/** Bytes of the values: half of the groups have few lengths, so that old bytes may look like records again. */
const VALUE_BYTES = [
  [8, 16],
  [8, 16, 40, 64, 96, 120],
] as const;

/** How a seed is run. */
export interface SeedOptions {
  /** A bug to put in. */
  readonly plant?: Plant | undefined;
  /** Hears what the cores are told and answer. */
  readonly trace?: Trace | undefined;
}

/** See the head of this file. */
export class Cluster {
  readonly random: Random;
  readonly queue = new EventQueue();
  readonly history = new History();
  readonly group: Group;
  readonly network: SimNetwork;
  readonly checkers: Checkers;
  readonly nodes = new Map<ReplicaId, SimNode>();
  readonly arbitrator: ArbitratorNode | undefined;
  /** Whether clients write. */
  isWriting = true;
  /** Whether a replica mostly goes down as soon as it has voted, and comes back at once. */
  isVotingDangerous = false;
  /** Whether the hosts are told of an arbitrator, once faults have stopped. */
  readonly hasArbitrator: boolean;
  /** Whether what hosts are told is the same at every start. */
  isConfigurationSteady: boolean;
  readonly #options: SeedOptions;
  readonly #valueBytes: readonly number[];
  #nextId: number;

  constructor(seed: number, options: SeedOptions = {}) {
    this.#options = options;
    this.random = seededRandom(seed);
    this.group = drawGroup(this.random);
    this.#valueBytes = VALUE_BYTES[Math.floor(this.random.next() * 2)]!;
    this.network = new SimNetwork(
      this.random,
      (delay, deliver) => this.queue.after(delay, deliver),
      (to, frame) => this.#deliver(to, frame),
    );
    this.checkers = new Checkers(this.history, this.group.style);
    const { voters, arbitrator } = this.group.config;
    const isChanging = this.group.isArbitratorChanging;
    this.isConfigurationSteady = !isChanging;
    this.hasArbitrator = isChanging ? this.random.next() < 0.5 : arbitrator;
    if (arbitrator || isChanging) this.arbitrator = new ArbitratorNode(this.random, this.#send);
    for (const id of voters) this.addNode(id, this.group.config);
    this.#nextId = voters.length + 1;
    if (this.arbitrator !== undefined) this.#tickArbitrator();
    this.#write();
  }

  /** A new host, with nothing on its disk but what the group was made with. */
  addNode(id: ReplicaId, config: Config): SimNode {
    const { random, history, group } = this;
    const { plant, trace } = this.#options;
    const services = {
      clock: this.queue.clock,
      random,
      history,
      machine: group.machine,
      style: group.style,
      send: this.#send,
      hasArbitrator: () => this.#tellsArbitrator(),
      plant,
      trace,
    };
    const node = new SimNode(id, services, config);
    this.nodes.set(id, node);
    node.start();
    this.#tick(node);
    return node;
  }

  /** An id that was never used. */
  newId(): ReplicaId {
    return this.#nextId++;
  }

  /** Masters, as they see themselves. */
  get masters(): SimNode[] {
    return [...this.nodes.values()].filter((node) => node.replica?.role === 'master');
  }

  /** The master of the highest term. */
  get master(): SimNode | undefined {
    return this.masters.sort((a, b) => b.replica!.term - a.replica!.term)[0];
  }

  /** Takes hosts away that are out of the group for good, as the mnode does. */
  sweep(): void {
    const { master } = this;
    const replica = master?.replica;
    if (replica === undefined || replica.term !== this.history.masters.at(-1)?.term) return;
    const { version, config } = replica.config;
    if (replica.commit < version || replica.termOf(replica.commit) !== replica.term) return;
    for (const id of this.nodes.keys())
      if (!config.voters.includes(id) && !config.learners.includes(id)) this.nodes.delete(id);
  }

  /** Any of them, by luck. */
  pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.random.next() * from.length)];
  }

  /** A process or its host goes, and comes back after `downMs`. */
  crash(node: SimNode, downMs: number): void {
    node.crash();
    for (const other of this.nodes.values())
      if (other !== node && this.random.next() < 0.5)
        this.queue.after(1 + this.random.next() * 5, () =>
          this.act(other, () => other.act((process) => process.peerLost(node.id), true)),
        );
    this.queue.after(downMs, () => this.restart(node));
  }

  /** Starts the process again, if it is still of the cluster and down. */
  restart(node: SimNode): void {
    if (this.nodes.get(node.id) !== node || node.isUp) return;
    this.act(node, () => node.start());
  }

  /** Something happens on a host; then it is checked. */
  act(node: SimNode, work: () => void): void {
    work();
    this.checkers.check(node);
    if (node.takeVoted() && this.isVotingDangerous && this.random.next() < 0.7)
      this.crash(node, 1 + this.random.next() * 5);
  }

  /** Lets `ms` pass. */
  async run(ms: number): Promise<void> {
    const end = this.queue.now + ms;
    while (this.queue.now < end) await this.step();
  }

  /** Lets the next thing happen, and whoever waited for it go on. */
  async step(): Promise<void> {
    this.queue.step();
    if (this.group.kind !== 'mnode') return;
    for (let i = 0; i < ANSWER_TURNS; i++) await Promise.resolve();
  }

  readonly #send = (from: ReplicaId, to: ReplicaId, parts: readonly Uint8Array[]): void =>
    this.network.send(from, to, parts);

  #deliver(to: ReplicaId, frame: Uint8Array<ArrayBuffer>): void {
    if (to === ARBITRATOR) {
      this.arbitrator?.receive(frame);
      return;
    }
    const node = this.nodes.get(to);
    if (node === undefined) return;
    const endsTurn = this.random.next() < 0.7;
    this.act(node, () => node.act((process) => process.receive(frame), endsTurn));
  }

  #tick(node: SimNode): void {
    this.queue.after(TICK_MS * (0.9 + 0.2 * this.random.next()), () => {
      if (this.nodes.get(node.id) !== node) return;
      this.act(node, () => node.act((process) => process.tick(), true));
      this.checkers.checkNewMaster(node);
      this.#tick(node);
    });
  }

  #tickArbitrator(): void {
    this.queue.after(TICK_MS, () => {
      this.arbitrator!.tick();
      this.#tickArbitrator();
    });
  }

  /** Clients mostly know who is master. */
  #write(): void {
    this.queue.after(WRITE_MS * (0.5 + this.random.next()), () => {
      if (this.isWriting) {
        const all = [...this.nodes.values()];
        const node = this.random.next() < 0.9 ? this.pick(this.masters) : this.pick(all);
        if (node !== undefined) this.write(node, 1 + Math.floor(this.random.next() * BATCH_MAX));
      }
      this.#write();
    });
  }

  /** A batch of writes at one host. */
  write(node: SimNode, count: number): void {
    const operations = Array.from({ length: count }, () =>
      this.history.begin(this.pick(this.#valueBytes)!, this.#removal()),
    );
    this.act(node, () => node.write(operations));
  }
  /** What a write takes away: something that is surely there. Lists have nothing that could be taken away. */
  #removal(): Removal | undefined {
    const { kind } = this.group;
    if (kind === 'list' || this.random.next() >= REMOVAL_SHARE) return undefined;
    const { operations } = this.history;
    const one = this.pick(operations);
    if (one?.state !== 'acknowledged' || one.removes > 0) return undefined;
    const clearsPlace = kind === 'vnode' && isFull(one.value, operations.length);
    return { removes: one.value, clearsPlace: clearsPlace && this.random.next() < 0.5 };
  }

  #tellsArbitrator(): boolean {
    return this.isConfigurationSteady ? this.hasArbitrator : this.random.next() < 0.5;
  }
}
