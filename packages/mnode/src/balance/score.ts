/**
 * How loaded a dnode is, as `show scores` prints it. Pure. A score is a load in vnodes a core: lower is better.
 */
import type { HostLoad } from '@tdnode/rpc';

/** What a score is made of. */
export interface ScoredDnode {
  readonly id: number;
  /** 0: not known yet; counts as one. */
  readonly cores: number;
  readonly hasMnode: boolean;
  readonly load: HostLoad;
  /** Vnodes that it has, or will have when running moves are done. */
  readonly vnodes: number;
}

export interface Score {
  readonly system: number;
  /** Set by nobody: 0, as in 2.1.2. */
  readonly custom: number;
  readonly module: number;
  readonly vnode: number;
  readonly total: number;
}

const CALM = 0;
const BUSY = 10;
const FULL = 50;

/** The columns of `show scores`. */
export function scoreOf(dnode: ScoredDnode, mnodeEqualVnodeNum: number): Score {
  const { cpu, memory, disk, bandwidth } = dnode.load;
  const system = grade(cpu) + grade(memory) + grade(disk) + grade(bandwidth, 30, 80);
  const cores = Math.max(1, dnode.cores);
  const module = dnode.hasMnode ? mnodeEqualVnodeNum / cores : 0;
  const vnode = dnode.vnodes / cores;
  return { system, custom: 0, module, vnode, total: system + module + vnode };
}

/**
 * The part of a score that lasts, by which vnodes are placed and moved: cpu, memory and bandwidth come and go
 * with the work of the moment, moves included, and whoever follows them moves vnodes to and fro.
 */
export function lastingScore(dnode: ScoredDnode, mnodeEqualVnodeNum: number): number {
  const { module, vnode } = scoreOf(dnode, mnodeEqualVnodeNum);
  return grade(dnode.load.disk) + module + vnode;
}

/** Percent of a resource as points. */
function grade(percent: number, busyFrom = 80, fullFrom = 90): number {
  if (percent < busyFrom) return CALM;
  return percent < fullFrom ? BUSY : FULL;
}
