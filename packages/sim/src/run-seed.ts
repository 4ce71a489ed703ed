/**
 * One seed: a group with faults, then without; in the end everything has to be there, once, everywhere.
 */
import { Cluster, TICK_MS, type SeedOptions } from './cluster.ts';
import { CheckError } from './checkers.ts';
import { Faults } from './faults.ts';
import type { SimNode } from './node.ts';

const EVENTS_MIN = 2000;
const EVENTS_MAX = 20_000;
const CONVERGE_MS = 20_000;
const ISOLATED_MS = 60 * TICK_MS;
const SURVIVED_MS = 120 * TICK_MS;

/** What happened in one seed. */
export interface SeedReport {
  readonly seed: number;
  readonly events: number;
  readonly failOvers: number;
  readonly crashes: number;
  readonly acknowledged: number;
  /** Replicas that got files, memories that were rolled back, versions of the last config. */
  readonly installs: number;
  readonly rollbacks: number;
  readonly changes: number;
  /** Voters at the beginning. */
  readonly replicas: number;
}

/** A seed that showed something wrong, with how to see it again. */
export class SeedError extends Error {
  override readonly name = 'SeedError';
  readonly seed: number;

  constructor(seed: number, cause: unknown) {
    const what = cause instanceof Error ? cause.message : String(cause);
    super(
      `seed ${seed}: ${what}\n  again: node scripts/sim.mjs ${seed} 1 (a fourth word, trace, says all)`,
      { cause },
    );
    this.seed = seed;
  }
}

/** Runs one seed; throws SeedError. */
export function runSeed(seed: number, options: SeedOptions = {}): SeedReport {
  try {
    const cluster = new Cluster(seed, options);
    withFaults(cluster);
    const members = converge(cluster);
    checkUndisturbed(cluster, members);
    checkSurvived(cluster, members);
    const { queue, history, crashes, group } = cluster;
    return {
      seed,
      events: queue.count,
      failOvers: history.failOvers,
      crashes,
      ...history.counts,
      acknowledged: history.operations.filter(({ state }) => state === 'acknowledged').length,
      replicas: group.config.voters.length,
    };
  } catch (error) {
    throw new SeedError(seed, error);
  }
}

/** Until enough has happened: a fail-over, where there is somebody to take over, and a crash at least. */
function withFaults(cluster: Cluster): void {
  const faults = new Faults(cluster);
  const { queue, history } = cluster;
  let helpAt = EVENTS_MIN;
  for (;;) {
    queue.step();
    const hasFailedOver = history.failOvers > 0 || cluster.group.config.voters.length === 1;
    if (queue.count >= EVENTS_MIN && hasFailedOver && cluster.crashes > 0) break;
    if (queue.count >= EVENTS_MAX) throw new CheckError('no fail-over in a long time');
    // An unlucky group, always half dead, fails over when it is left in peace first.
    if (queue.count === EVENTS_MAX / 2) faults.stop();
    if (queue.count < helpAt) continue;
    helpAt += 500;
    helpFailOver(cluster);
  }
  faults.stop();
}

/** Of two without a third to ask, the one with the longer log wins again and again: it has to hand over. */
function helpFailOver(cluster: Cluster): void {
  const { master } = cluster;
  if (master === undefined) return;
  const { voters } = master.replica!.config.config;
  const to = voters.find((id) => id !== master.id);
  if (voters.length > 2 || to === undefined) cluster.crash(master, 900);
  else cluster.act(master, () => master.act((replica) => void replica.transfer(to), true));
}

/** Without faults all members get the same, and a new write goes through. Returns the members. */
function converge(cluster: Cluster): SimNode[] {
  const end = cluster.queue.now + CONVERGE_MS;
  cluster.run(20 * TICK_MS);
  cluster.isWriting = false;
  let last: ReturnType<Cluster['history']['begin']> | undefined;
  for (;;) {
    cluster.run(5 * TICK_MS);
    for (const node of cluster.nodes.values()) cluster.restart(node);
    cluster.arbitrator?.start();
    const members = settled(cluster);
    if (members !== undefined) {
      if (last?.state === 'acknowledged') {
        cluster.checkers.checkEnd(members);
        return members;
      }
      cluster.write(cluster.master!, 1);
      last = cluster.history.operations.at(-1)!;
    }
    if (cluster.queue.now > end) throw new CheckError(`does not converge: ${describe(cluster)}`);
  }
}

/** The members, once they all are at the end of the same log. */
function settled(cluster: Cluster): SimNode[] | undefined {
  const { master } = cluster;
  if (master === undefined) return undefined;
  const { lastVersion, config, commit } = master.replica!;
  const { voters, learners } = config.config;
  if (learners.some((id) => cluster.nodes.get(id)?.isUp === true)) return undefined;
  const members = voters.map((id) => cluster.nodes.get(id)!);
  const isSettled = (node: SimNode): boolean =>
    node.replica !== undefined &&
    node.replica.lastVersion === lastVersion &&
    node.replica.commit === commit &&
    node.replica.applied === lastVersion &&
    commit === lastVersion;
  return members.every(isSettled) ? members : undefined;
}

function describe(cluster: Cluster): string {
  const nodes = [...cluster.nodes.values()].map(({ id, replica }) =>
    replica === undefined
      ? `${id} down`
      : `${id} ${replica.role} term ${replica.term} log ${replica.firstVersion}..${replica.lastVersion} commit ${replica.commit} ` +
        `applied ${replica.applied} refusal ${JSON.stringify(replica.refusal())} config ${JSON.stringify(replica.config)}`,
  );
  return nodes.join('; ');
}

/** A replica that was cut off and comes back does not end a good master's term: pre-vote. */
function checkUndisturbed(cluster: Cluster, members: readonly SimNode[]): void {
  const { master, network } = cluster;
  const others = members.filter((node) => node !== master);
  const victim = cluster.pick(others);
  if (members.length < 3 || master === undefined || victim === undefined) return;
  const { term } = master.replica!;
  for (const { id } of cluster.nodes.values()) {
    network.cut(id, victim.id);
    network.cut(victim.id, id);
  }
  cluster.run(ISOLATED_MS);
  network.heal();
  cluster.run(ISOLATED_MS);
  for (const node of members) {
    if (node.replica?.term !== term)
      throw new CheckError(
        `replica ${victim.id} was cut off, and replica ${node.id} went from term ${term} to ${node.replica?.term}`,
      );
  }
}

/** One goes down, and those who are left, with the arbitrator perhaps, go on: soon there is a master that takes writes. */
function checkSurvived(cluster: Cluster, members: readonly SimNode[]): void {
  const { arbitrator } = cluster.master!.replica!.config.config;
  if (members.length < 3 && !(arbitrator && members.length === 2)) return;
  const victim = cluster.pick(members)!;
  cluster.crash(victim, Infinity);
  cluster.nodes.delete(victim.id);
  cluster.run(SURVIVED_MS);
  const { master } = cluster;
  if (master === undefined)
    throw new CheckError(`nobody took over in ${SURVIVED_MS} ms: ${describe(cluster)}`);
  const { quorum } = cluster.group;
  if (members.length === 2 && quorum !== 1) {
    if (master.replica!.refusal()?.reason !== 'noQuorum')
      throw new CheckError(`writes are not refused without a quorum: ${describe(cluster)}`);
    return;
  }
  cluster.write(master, 1);
  cluster.run(10 * TICK_MS);
  if (cluster.history.operations.at(-1)!.state !== 'acknowledged')
    throw new CheckError(`a write is not acknowledged by who is left: ${describe(cluster)}`);
}
