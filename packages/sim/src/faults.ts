/**
 * What goes wrong, and when: every now and then one fault out of a table, most of which are repaired after a while.
 */
import { TaosError } from '@tdnode/common';
import { ARBITRATOR, type ConfigChange, type ReplicaId } from '@tdnode/sync';
import type { Cluster } from './cluster.ts';
import type { SimNode } from './node.ts';

const FAULT_MS = 120;
const NODES_MAX = 5;
const STORM_MS = 800;
const STORM_DELAY_MS = 90;
/** Quorum 2 is a promise of groups of up to three. */
const NODES_MAX_QUORUM_2 = 3;

/** Faults from now on, until `stop` is called. */
export class Faults {
  readonly #cluster: Cluster;
  #isOn = true;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#setNetwork();
    this.#next();
  }

  /** All is repaired, all hosts are up. */
  stop(): void {
    this.#isOn = false;
    this.#cluster.isVotingDangerous = false;
    const { network, nodes, arbitrator } = this.#cluster;
    network.heal();
    network.faults = { drop: 0, repeat: 0, delayMs: 3 };
    const isNews = !this.#cluster.isConfigurationSteady;
    this.#cluster.isConfigurationSteady = true;
    for (const node of nodes.values()) {
      node.heal();
      node.crashAfter(Infinity);
      if (isNews) node.crash();
      this.#cluster.restart(node);
    }
    arbitrator?.crashAfter(Infinity);
    arbitrator?.start();
  }

  #next(): void {
    const { queue, random } = this.#cluster;
    queue.after(FAULT_MS * (0.3 + 1.4 * random.next()), () => {
      if (!this.#isOn) return;
      this.#one();
      this.#next();
    });
  }

  #one(): void {
    const { random } = this.#cluster;
    const node = this.#victim();
    const luck = random.next();
    if (luck < 0.12) this.#cluster.crash(node, this.#whileMs());
    else if (luck < 0.3) this.#crashSoon(node);
    else if (luck < 0.45) this.#cut();
    else if (luck < 0.47) this.#setNetwork();
    else if (luck < 0.5) this.#storm();
    else if (luck < 0.55) node.fillDisk(1 + Math.floor(random.next() ** 3 * 40));
    else if (luck < 0.57) node.failSync();
    else if (luck < 0.85) this.#commitFiles(node);
    else if (luck < 0.9) this.#transfer();
    else if (luck < 0.97) this.#changeMembers();
    else this.#crashArbitrator();
  }

  /** Half of the time what happens, happens to the master. */
  #victim(): SimNode {
    const { random, nodes, master } = this.#cluster;
    if (master !== undefined && random.next() < 0.5) return master;
    return this.#cluster.pick([...nodes.values()])!;
  }

  /** An election in which frames are slow and voters go down and come back at once: what they said must still hold. */
  #storm(): void {
    const { network, queue, master } = this.#cluster;
    network.faults = { drop: 0, repeat: 0.2, delayMs: STORM_DELAY_MS };
    if (master !== undefined) this.#cluster.crash(master, STORM_MS);
    this.#cluster.isVotingDangerous = true;
    queue.after(STORM_MS, () => (this.#cluster.isVotingDangerous = false));
  }

  #whileMs(): number {
    return 30 + this.#cluster.random.next() * 700;
  }

  /** At one of the next writes or fsyncs. */
  #crashSoon(node: SimNode): void {
    const { queue, random } = this.#cluster;
    node.crashAfter(Math.floor(random.next() * 25));
    queue.after(this.#whileMs(), () => {
      if (!node.isUp) this.#cluster.restart(node);
      else if (this.#isOn) this.#cluster.crash(node, this.#whileMs());
    });
  }

  #cut(): void {
    const { network, nodes, random, queue, arbitrator } = this.#cluster;
    const ids: ReplicaId[] = [...nodes.keys()];
    if (arbitrator !== undefined) ids.push(ARBITRATOR);
    const side = new Set(ids.filter(() => random.next() < 0.4));
    if (random.next() < 0.4) {
      side.clear();
      side.add(this.#victim().id);
    }
    const luck = random.next();
    for (const a of ids) {
      for (const b of ids) {
        if (side.has(a) === side.has(b)) continue;
        if (luck < 0.5 || luck < 0.75 === side.has(a)) network.cut(a, b);
      }
    }
    queue.after(this.#whileMs(), () => network.heal());
  }

  #setNetwork(): void {
    const { network, random } = this.#cluster;
    const isBad = random.next() < 0.5;
    network.faults = isBad
      ? { drop: random.next() * 0.15, repeat: random.next() * 0.1, delayMs: random.next() * 40 }
      : { drop: 0, repeat: 0.01, delayMs: 5 };
  }

  #transfer(): void {
    const { master } = this.#cluster;
    const to = this.#cluster.pick(master?.replica?.config.config.voters ?? []);
    if (master === undefined || to === undefined) return;
    this.#cluster.act(master, () => master.act((process) => process.transfer(to), true));
  }

  #changeMembers(): void {
    const { master, random, group } = this.#cluster;
    if (master === undefined) return;
    this.#cluster.sweep();
    const { voters, learners, arbitrator } = master.replica!.config.config;
    const count = voters.length + learners.length;
    const countMax =
      typeof group.style.quorum === 'number' && group.style.quorum > 1
        ? NODES_MAX_QUORUM_2
        : NODES_MAX;
    if (count < countMax && random.next() < 0.55) {
      const id = this.#cluster.newId();
      const config = { voters: this.#cluster.group.config.voters, learners: [id], arbitrator };
      this.#cluster.addNode(id, config);
      this.#ask(master, { kind: 'addLearner', id });
    } else {
      // Where there were two, there stay two: somebody has to be able to take over.
      const goers = group.config.voters.length === 1 || voters.length > 2 ? voters : [];
      const id = this.#cluster.pick([...goers, ...learners].filter((one) => one !== master.id));
      if (id !== undefined) this.#ask(master, { kind: 'remove', id });
    }
  }

  #ask(master: SimNode, change: ConfigChange): void {
    try {
      this.#cluster.act(master, () => master.act((process) => process.change(change), true));
    } catch (error) {
      if (!(error instanceof TaosError)) throw error;
    }
  }

  #commitFiles(node: SimNode): void {
    this.#cluster.act(node, () => node.act((process) => process.commitFiles(), false));
  }

  #crashArbitrator(): void {
    const { arbitrator, queue, random } = this.#cluster;
    if (arbitrator === undefined) return;
    if (random.next() < 0.5) arbitrator.crash();
    else arbitrator.crashAfter(Math.floor(random.next() * 8));
    queue.after(this.#whileMs(), () => arbitrator.start());
  }
}
