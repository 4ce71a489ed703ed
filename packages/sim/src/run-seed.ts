/**
 * One seed: a group with faults, then without; in the end everything has to be there, once, everywhere.
 */
import { Cluster, TICK_MS, type SeedOptions } from './cluster.ts';
import { CheckError } from './checkers.ts';
import { Faults } from './faults.ts';
import type { SimNode } from './node.ts';
import type { MachineKind } from './process.ts';

const EVENTS_MIN = 2000;
const EVENTS_MAX = 20_000;
/** A client reads everything, every so many events. */
const READ_EVENTS = 250;
const CONVERGE_MS = 20_000;
const ISOLATED_MS = 45 * TICK_MS;
const SURVIVED_MS = 120 * TICK_MS;

/** What happened in one seed. */
export interface SeedReport {
  readonly seed: number;
  readonly machine: MachineKind;
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
  /** Whether there was an arbitrator that voted whenever there were two voters. */
  readonly hasArbitrator: boolean;
  readonly quorum: number | 'majority';
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
export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedReport> {
  try {
    const cluster = new Cluster(seed, options);
    await withFaults(cluster);
    await converge(cluster);
    await checkRestarted(cluster);
    const members = await converge(cluster);
    if (cluster.random.next() < 0.5) await checkUndisturbed(cluster, members);
    else await checkSurvived(cluster, members);
    return reportOf(seed, cluster);
  } catch (error) {
    throw new SeedError(seed, error);
  }
}

function reportOf(seed: number, { queue, history, group, arbitrator }: Cluster): SeedReport {
  return {
    seed,
    machine: group.kind,
    events: queue.count,
    failOvers: history.failOvers,
    ...history.counts,
    acknowledged: history.operations.filter(({ state }) => state === 'acknowledged').length,
    replicas: group.config.voters.length,
    hasArbitrator: arbitrator !== undefined,
    quorum: group.style.quorum,
  };
}

/** Until enough has happened: a fail-over, where there is somebody to take over, and a crash at least. */
async function withFaults(cluster: Cluster): Promise<void> {
  const faults = new Faults(cluster);
  const { queue, history } = cluster;
  let helpAt = EVENTS_MIN;
  for (;;) {
    await cluster.step();
    if (queue.count % READ_EVENTS === 0 && cluster.master !== undefined)
      cluster.checkers.checkMaster(cluster.master);
    const hasFailedOver = history.failOvers > 0 || cluster.group.config.voters.length === 1;
    if (queue.count >= EVENTS_MIN && hasFailedOver && history.counts.crashes > 0) break;
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
  else cluster.act(master, () => master.act((process) => process.transfer(to), true));
}

/** Without faults all members get the same, and a new write goes through. Returns the members. */
async function converge(cluster: Cluster): Promise<SimNode[]> {
  const end = cluster.queue.now + CONVERGE_MS;
  await cluster.run(20 * TICK_MS);
  cluster.isWriting = false;
  let last: ReturnType<Cluster['history']['begin']> | undefined;
  for (;;) {
    await cluster.run(5 * TICK_MS);
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
  const { voters, learners, arbitrator } = config.config;
  if (learners.some((id) => cluster.nodes.get(id)?.isUp === true)) return undefined;
  if (voters.length === 2 && arbitrator !== cluster.hasArbitrator) return undefined;
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

/** Everything goes into files; then all go down at once, and come back with what is on their disks. */
async function checkRestarted(cluster: Cluster): Promise<void> {
  for (const node of cluster.nodes.values())
    cluster.act(node, () => node.act((process) => process.commitFiles(), true));
  await cluster.run(TICK_MS);
  for (const node of cluster.nodes.values()) cluster.crash(node, TICK_MS);
  await cluster.run(2 * TICK_MS);
}

/** How many replicas have to hold a write before it is acknowledged. */
function quorumOf({ group }: Cluster, voters: number): number {
  const { quorum } = group.style;
  return quorum === 'majority' ? Math.floor(voters / 2) + 1 : Math.min(quorum, voters);
}

/** A replica that was cut off and comes back does not end a good master's term: pre-vote. */
async function checkUndisturbed(cluster: Cluster, members: readonly SimNode[]): Promise<void> {
  const { master, network } = cluster;
  const others = members.filter((node) => node !== master);
  const victim = cluster.pick(others);
  if (members.length < 3 || master === undefined || victim === undefined) return;
  const { term } = master.replica!;
  for (const { id } of cluster.nodes.values()) {
    network.cut(id, victim.id);
    network.cut(victim.id, id);
  }
  await cluster.run(ISOLATED_MS);
  network.heal();
  await cluster.run(ISOLATED_MS);
  for (const node of members) {
    if (node.replica?.term !== term)
      throw new CheckError(
        `replica ${victim.id} was cut off, and replica ${node.id} went from term ${term} to ${node.replica?.term}`,
      );
  }
}

/** One goes down, and those who are left, with the arbitrator perhaps, go on: soon there is a master that takes writes. */
async function checkSurvived(cluster: Cluster, members: readonly SimNode[]): Promise<void> {
  const { arbitrator } = cluster.master!.replica!.config.config;
  if (members.length < 3 && !(arbitrator && members.length === 2)) return;
  const victim = cluster.pick(members)!;
  cluster.crash(victim, Infinity);
  cluster.nodes.delete(victim.id);
  const isEnough = members.length - 1 >= quorumOf(cluster, members.length);
  const end = cluster.queue.now + SURVIVED_MS;
  while (cluster.queue.now < end) {
    const { master } = cluster;
    if (master !== undefined && isEnough) cluster.write(master, 1);
    await cluster.run(10 * TICK_MS);
    if (isEnough && cluster.history.operations.at(-1)!.state === 'acknowledged') return;
    if (!isEnough && cluster.master?.replica!.refusal()?.reason === 'noQuorum') return;
  }
  throw new CheckError(`who is left does not go on as promised: ${describe(cluster)}`);
}
