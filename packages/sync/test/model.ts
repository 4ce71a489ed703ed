/**
 * Several cores and an arbitrator in memory, with a network that is a list, and checkers that look after every
 * step: one master a term, what is committed stays and is equal everywhere, a new master has all of it, what
 * `quorum` ≥ 2 acknowledged is committed.
 */
import { seededRandom, type Random } from '@tdnode/common';
import { ArbitratorCore, NEW_ARBITRATOR_STATE } from '../src/core/arbitrator.ts';
import type { Output } from '../src/core/step-types.ts';
import { ARBITRATOR, type Config, type CoreOptions, type ReplicaId } from '../src/core/types.ts';
import { ModelReplica, type Entry, type Packet } from './model-replica.ts';

/** How a model is set up. */
export interface ModelOptions {
  readonly voters: readonly ReplicaId[];
  /** Hosts that exist without being members yet. */
  readonly spares?: readonly ReplicaId[];
  readonly arbitrator?: boolean;
  readonly core: Omit<CoreOptions, 'id'>;
}

/** See the head of this file. */
export class Model {
  readonly replicas = new Map<ReplicaId, ModelReplica>();
  readonly random: Random;
  arbitrator: ArbitratorCore;
  isArbitratorUp = true;
  network: Packet[] = [];
  /** Pairs `from>to` whose packets vanish. */
  cut = new Set<string>();
  readonly committed: Entry[] = [];
  readonly masters = new Map<number, ReplicaId>();
  readonly #options: ModelOptions;
  readonly #commits = new Map<ReplicaId, number>();

  constructor(options: ModelOptions, random: Random = seededRandom(1)) {
    this.#options = options;
    this.random = random;
    this.arbitrator = new ArbitratorCore(NEW_ARBITRATOR_STATE, options.core);
    const arbitrator = options.arbitrator === true;
    const initial: Config = { voters: options.voters, learners: [], arbitrator };
    const none: Config = { voters: [], learners: [], arbitrator };
    for (const id of options.voters) this.#add(id, initial);
    for (const id of options.spares ?? []) this.#add(id, none);
  }

  #add(id: ReplicaId, initial: Config): void {
    const hooks = {
      send: (packet: Packet) => this.network.push(packet),
      stepped: (replica: ModelReplica, output: Output) => this.#check(replica, output),
    };
    this.replicas.set(id, new ModelReplica({ ...this.#options.core, id }, initial, hooks));
  }

  replica(id: ReplicaId): ModelReplica {
    return this.replicas.get(id)!;
  }

  /** The master of the highest term. */
  get master(): ModelReplica | undefined {
    return [...this.replicas.values()]
      .filter(({ isUp, core }) => isUp && core.role === 'master')
      .toSorted((a, b) => b.core.term - a.core.term)[0];
  }

  tick(id: ReplicaId): void {
    if (id === ARBITRATOR) this.#obeyArbitrator({ kind: 'tick' });
    else if (this.replica(id).isUp)
      this.replica(id).step({ kind: 'tick', luck: this.random.next() });
  }

  tickAll(): void {
    for (const id of this.replicas.keys()) this.tick(id);
    this.tick(ARBITRATOR);
  }

  #obeyArbitrator(input: Parameters<ArbitratorCore['step']>[0]): void {
    if (!this.isArbitratorUp) return;
    for (const message of this.arbitrator.step(input).messages)
      this.network.push({ kind: 'message', message, entries: [] });
  }

  /** The arbitrator forgets all but what it wrote. */
  restartArbitrator(): void {
    this.arbitrator = new ArbitratorCore(this.arbitrator.state, this.#options.core);
    this.isArbitratorUp = true;
  }

  /** Takes the packet at `index` off the network and delivers it, if there is a way. */
  deliverAt(index: number, isCopy = false): void {
    const packet = this.network[index]!;
    if (!isCopy) this.network.splice(index, 1);
    const { from, to } = packet.kind === 'message' ? packet.message : packet;
    if (packet.kind === 'files') {
      const target = this.replicas.get(to);
      const isThrough = target?.isUp === true && !this.cut.has(`${from}>${to}`);
      const version = isThrough ? packet.version : undefined;
      if (isThrough) target.install(packet);
      const source = this.replica(from);
      if (source.isUp) source.step({ kind: 'filesSent', to, version });
      return;
    }
    if (this.cut.has(`${from}>${to}`)) return;
    if (to === ARBITRATOR) this.#obeyArbitrator({ kind: 'message', message: packet.message });
    else if (this.replicas.get(to)?.isUp === true)
      this.replica(to).step({ kind: 'message', message: packet.message }, packet.entries);
  }

  /** The packet at `index` is lost; of files the sender hears that. */
  dropAt(index: number): void {
    const [packet] = this.network.splice(index, 1);
    if (packet?.kind === 'files' && this.replica(packet.from).isUp)
      this.replica(packet.from).step({ kind: 'filesSent', to: packet.to, version: undefined });
  }

  /** Delivers and persists until nothing moves; `trace` sees each packet before it goes. */
  stabilize(trace?: (packet: Packet) => void): void {
    for (let round = 0; round < 10_000; round++) {
      for (const replica of this.replicas.values()) if (replica.isUp) replica.persist();
      const packet = this.network[0];
      if (packet === undefined) return;
      trace?.(packet);
      this.deliverAt(0);
    }
    throw new Error('the network never falls silent');
  }

  #check(replica: ModelReplica, output: Output): void {
    const { core, id, log } = replica;
    const known = this.#commits.get(id) ?? 0;
    if (output.commit < known && replica.last !== undefined && replica.isUp && log.base >= known)
      throw new Error(`${id}: commit fell from ${known} to ${output.commit}`);
    this.#commits.set(id, output.commit);
    this.#checkCommitted(replica, output.commit);
    if (output.role !== 'master') return;
    const other = this.masters.get(core.term);
    if (other !== undefined && other !== id)
      throw new Error(`term ${core.term} has two masters: ${other} and ${id}`);
    if (other === undefined) this.#checkComplete(replica);
    this.masters.set(core.term, id);
    const { quorum } = this.#options.core;
    if (quorum !== 1 && core.config.config.voters.length > 1 && output.acknowledged > output.commit)
      throw new Error(`${id}: ${output.acknowledged} acknowledged, ${output.commit} committed`);
  }

  /** State machine safety: nobody ever commits anything else at a version. */
  #checkCommitted({ id, log }: ModelReplica, commit: number): void {
    for (let version = Math.max(log.firstVersion, 1); version <= commit; version++) {
      const entry = log.at(version);
      const agreed = this.committed[version];
      if (entry === undefined) throw new Error(`${id}: committed ${version} is not in its log`);
      if (agreed === undefined) this.committed[version] = entry;
      else if (agreed.term !== entry.term || agreed.data !== entry.data)
        throw new Error(`${id}: committed ${version} is ${entry.data}, was ${agreed.data}`);
    }
  }

  /** Leader completeness: whoever is elected has everything committed. */
  #checkComplete({ id, log }: ModelReplica): void {
    for (let version = log.firstVersion; version < this.committed.length; version++) {
      const agreed = this.committed[version];
      const entry = log.at(version);
      if (agreed !== undefined && (entry?.term !== agreed.term || entry.data !== agreed.data))
        throw new Error(`${id} is master without committed ${version} (${agreed.data})`);
    }
  }

  /** Log matching: equal version and term, equal up to there. */
  checkLogs(): void {
    const all = [...this.replicas.values()];
    for (const a of all) for (const b of all) if (a.id < b.id) checkPair(a, b);
  }
}

function checkPair(a: ModelReplica, b: ModelReplica): void {
  let isBelowEqual = false;
  const first = Math.max(a.log.firstVersion, b.log.firstVersion);
  for (let v = Math.min(a.log.lastVersion, b.log.lastVersion); v >= first; v--) {
    const [x, y] = [a.log.at(v)!, b.log.at(v)!];
    if (x.term === y.term && x.data !== y.data)
      throw new Error(`${a.id} and ${b.id} differ at ${v} in term ${x.term}`);
    if (x.term === y.term) isBelowEqual = true;
    else if (isBelowEqual)
      throw new Error(`${a.id} and ${b.id} differ at ${v} below an equal entry`);
  }
}
