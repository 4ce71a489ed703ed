/** What kind of group a seed simulates: its machine, its members, what its clients were promised. */
import type { Random } from '@tdnode/common';
import type { Config } from '@tdnode/sync';
import { ListProcess, foundList } from './list-process.ts';
import { MnodeProcess, foundMnode } from './mnode-process.ts';
import type { Machine, MachineKind, ReplicaStyle } from './process.ts';
import { VnodeProcess, foundVnode } from './vnode-process.ts';

const VOTERS_MAX = 5;

/** See the head of this file. */
export interface Group {
  readonly kind: MachineKind;
  readonly machine: Machine;
  /** The members at the beginning. */
  readonly config: Config;
  readonly style: ReplicaStyle;
  /** Whether hosts may be told of the arbitrator at one start and not at another, as configuration files change. */
  readonly isArbitratorChanging: boolean;
}

const MACHINES: Readonly<Record<MachineKind, Machine>> = {
  list: { found: foundList, open: (services) => new ListProcess(services) },
  vnode: { found: foundVnode, open: (services) => new VnodeProcess(services) },
  mnode: { found: foundMnode, open: (services) => new MnodeProcess(services) },
};

/** A group, by luck; most of them are lists, which are the fastest. */
export function drawGroup(random: Random): Group {
  const luck = random.next();
  const kind: MachineKind = luck < 0.6 ? 'list' : luck < 0.8 ? 'vnode' : 'mnode';
  const size = 1 + Math.floor(random.next() * VOTERS_MAX);
  const voters = Array.from({ length: size }, (_, i) => i + 1);
  const arbitrator = random.next() < (size === 2 ? 0.6 : 0.2);
  return {
    kind,
    machine: MACHINES[kind],
    config: { voters, learners: [], arbitrator },
    style: drawStyle(kind, size, random),
    isArbitratorChanging: size <= 3 && random.next() < 0.1,
  };
}

/** Quorum 2 is a promise of groups of up to three. */
function drawStyle(kind: MachineKind, size: number, random: Random): ReplicaStyle {
  const durability = random.next() < 0.6 ? 'synced' : 'written';
  const luck = random.next();
  if (kind === 'mnode') return { quorum: 'majority', applyOn: 'persisted', durability: 'synced' };
  if (kind === 'list' && luck < 0.25)
    return { quorum: 'majority', applyOn: 'committed', durability };
  const quorums = size > 3 ? [1] : [1, 2, 2, 3];
  const quorum = quorums[Math.floor(random.next() * quorums.length)]!;
  return { quorum, applyOn: 'persisted', durability };
}
