/**
 * Configs and their changes: one voter at a time, learner first. Pure values.
 *
 * Invariants: ids are ascending and nowhere twice; a config in force has at least one voter.
 */
import {
  ARBITRATOR,
  type Config,
  type ConfigAt,
  type ConfigChange,
  type ReplicaId,
} from './types.ts';

/** The arbitrator is asked while there are exactly two voters: with any other number a majority says more. */
export function usesArbitrator(config: Config): boolean {
  return config.arbitrator && config.voters.length === 2;
}

/** Whose votes count. */
export function electorate(config: Config): readonly ReplicaId[] {
  return usesArbitrator(config) ? [...config.voters, ARBITRATOR] : config.voters;
}

/** Everybody who gets the log. */
export function replicas(config: Config): readonly ReplicaId[] {
  return [...config.voters, ...config.learners];
}

/** Whether both ask the same two replicas and the arbitrator. */
function isSameEra(a: Config, b: Config): boolean {
  return usesArbitrator(a) && usesArbitrator(b) && a.voters.join() === b.voters.join();
}

/**
 * The version of the config with which the present use of the arbitrator by these two voters began; it tells
 * the in-sync set of this time from one that was left behind by an earlier. -1 when it is not in use.
 */
export function arbitratorEra(configs: readonly ConfigAt[]): number {
  const last = configs.at(-1)!;
  if (!usesArbitrator(last.config)) return -1;
  let era = last.version;
  for (let i = configs.length - 2; i >= 0 && isSameEra(configs[i]!.config, last.config); i--)
    era = configs[i]!.version;
  return era;
}

/**
 * Whether the arbitrator has to agree before one becomes the other: it is in use, and the next voters may decide without
 * one of the two. When it is only switched off, whatever the two elect or commit without it, both have.
 */
export function leavesArbitrator(from: Config, to: Config): boolean {
  return usesArbitrator(from) && from.voters.join() !== to.voters.join();
}

/** The config after `change`; undefined when the change makes no sense with it. */
export function applyChange(config: Config, change: ConfigChange): Config | undefined {
  const { voters, learners, arbitrator } = config;
  switch (change.kind) {
    case 'addLearner':
      if (replicas(config).includes(change.id)) return undefined;
      return { voters, learners: ascending([...learners, change.id]), arbitrator };
    case 'promote':
      if (!learners.includes(change.id)) return undefined;
      return {
        voters: ascending([...voters, change.id]),
        learners: without(learners, change.id),
        arbitrator,
      };
    case 'remove':
      if (!replicas(config).includes(change.id)) return undefined;
      if (voters.length === 1 && voters[0] === change.id) return undefined;
      return {
        voters: without(voters, change.id),
        learners: without(learners, change.id),
        arbitrator,
      };
    case 'setArbitrator':
      return arbitrator === change.isUsed
        ? undefined
        : { voters, learners, arbitrator: change.isUsed };
  }
}

function ascending(ids: readonly ReplicaId[]): ReplicaId[] {
  return ids.toSorted((a, b) => a - b);
}

function without(ids: readonly ReplicaId[], id: ReplicaId): ReplicaId[] {
  return ids.filter((other) => other !== id);
}
