/**
 * A simulated vgroup: hosts, an arbitrator perhaps, the network between them, virtual time, clients. What happens
 * is decided by one seed; checkers look after every step. `faults.ts` says what goes wrong.
 */
import { seededRandom, type Random } from '@tdnode/common';
import { ARBITRATOR, type Config, type ReplicaId } from '@tdnode/sync';
import { ArbitratorNode } from './arbitrator-node.ts';
import { Checkers } from './checkers.ts';
import { EventQueue } from './events.ts';
import { History } from './history.ts';
import { SimNetwork } from './network.ts';
import { SimNode, type GroupOptions } from './node.ts';
import type { Plant } from './plants.ts';
import type { Trace } from './trace.ts';

/** How long a core's tick is, ms. */
export const TICK_MS = 20;
const WRITE_MS = 12;
const BATCH_MAX = 3;
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
  readonly group: GroupOptions;
  readonly network: SimNetwork;
  readonly checkers: Checkers;
  readonly nodes = new Map<ReplicaId, SimNode>();
  readonly arbitrator: ArbitratorNode | undefined;
  /** Whether clients write. */
  isWriting = true;
  /** Whether a replica mostly goes down as soon as it has voted, and comes back at once. */
  isVotingDangerous = false;
  readonly #trace: Trace | undefined;
  readonly #valueBytes: readonly number[];
  #nextId: number;

  constructor(seed: number, { plant, trace }: SeedOptions = {}) {
    this.#trace = trace;
    this.random = seededRandom(seed);
    this.group = drawGroup(this.random, plant);
    this.#valueBytes = VALUE_BYTES[Math.floor(this.random.next() * 2)]!;
    this.network = new SimNetwork(
      this.random,
      (delay, deliver) => this.queue.after(delay, deliver),
      (to, frame) => this.#deliver(to, frame),
    );
    this.checkers = new Checkers(this.history, this.group);
    const { voters, arbitrator } = this.group.config;
    if (arbitrator) this.arbitrator = new ArbitratorNode(this.random, this.#send);
    for (const id of voters) this.addNode(id, this.group.config);
    this.#nextId = voters.length + 1;
    if (this.arbitrator !== undefined) this.#tickArbitrator();
    this.#write();
  }

  /** A new host, with nothing on its disk but what the group was made with. */
  addNode(id: ReplicaId, config: Config): SimNode {
    const { random, history } = this;
    const services = {
      clock: this.queue.clock,
      random,
      history,
      send: this.#send,
      trace: this.#trace,
    };
    const node = new SimNode(id, services, { ...this.group, config });
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

  get crashes(): number {
    let count = 0;
    for (const { crashes } of this.nodes.values()) count += crashes;
    return count;
  }

  /** Any of them, by luck. */
  pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.random.next() * from.length)];
  }

  /** Power goes; comes back after `downMs`. */
  crash(node: SimNode, downMs: number): void {
    node.crash(this.group.durability === 'synced');
    for (const other of this.nodes.values())
      if (other !== node && this.random.next() < 0.5)
        this.queue.after(1 + this.random.next() * 5, () =>
          this.act(other, () => other.act((replica) => replica.peerLost(node.id), true)),
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
  run(ms: number): void {
    const end = this.queue.now + ms;
    while (this.queue.now < end) this.queue.step();
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
    this.act(node, () => node.act((replica) => replica.receive(frame), endsTurn));
  }

  #tick(node: SimNode): void {
    this.queue.after(TICK_MS * (0.9 + 0.2 * this.random.next()), () => {
      if (this.nodes.get(node.id) !== node) return;
      this.act(node, () => node.act((replica) => replica.tick(), true));
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
      this.history.begin(this.pick(this.#valueBytes)!),
    );
    this.act(node, () => node.write(operations));
  }
}

/** What kind of group this is. */
function drawGroup(random: Random, plant: Plant | undefined): GroupOptions {
  const size = 1 + Math.floor(random.next() * 5);
  const voters = Array.from({ length: size }, (_, i) => i + 1);
  const arbitrator = size === 2 && random.next() < 0.6;
  const isMetadata = random.next() < 0.25;
  const quorums = size > 3 ? [1, 'majority' as const] : [1, 2, 2, 'majority' as const];
  const quorum = quorums[Math.floor(random.next() * quorums.length)]!;
  return {
    config: { voters, learners: [], arbitrator },
    quorum: isMetadata ? 'majority' : quorum,
    applyOn: isMetadata ? 'committed' : 'persisted',
    durability: random.next() < 0.6 ? 'synced' : 'written',
    plant,
  };
}
