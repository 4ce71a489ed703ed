/**
 * The masterships of an engine that stops, on their way to other replicas: clients of a vnode wait for a message or two
 * instead of an election.
 *
 * Whoever asked is answered when every vnode has another master that is known here, or after `HANDOVER_MS`: a vnode
 * whose successor did not take over stays master until it is closed.
 */
import type { Clock } from '@tdnode/common';
import { NOBODY, type Replica } from '@tdnode/sync';

/** How long a handover may take; an election timeout, after which a master takes writes again. */
const HANDOVER_MS = 1000;

interface Waiting {
  readonly replicas: readonly Replica[];
  readonly deadline: number;
  readonly done: () => void;
}

/** See the head of this file. */
export class Handovers {
  readonly #clock: Clock;
  #waiting: Waiting[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether somebody waits for `settle`. */
  get isBusy(): boolean {
    return this.#waiting.length > 0;
  }

  /** Has each master hand over to the slave that has most of its log; `done` is called by `settle`. */
  begin(replicas: Iterable<Replica>, done: () => void): void {
    const leaving = Array.from(replicas).filter((replica) => beginOne(replica));
    const deadline = this.#clock.monotonic() + HANDOVER_MS;
    this.#waiting.push({ replicas: leaving, deadline, done });
  }

  /** To be called at the end of each turn, and when time has passed. */
  settle(): void {
    if (this.#waiting.length === 0) return;
    const now = this.#clock.monotonic();
    const ended = this.#waiting.filter(
      ({ replicas, deadline }) => now >= deadline || replicas.every((replica) => hasLeft(replica)),
    );
    this.#waiting = this.#waiting.filter((one) => !ended.includes(one));
    for (const { done } of ended) done();
  }
}

/** Whether a handover is under way now. */
function beginOne(replica: Replica): boolean {
  const { voters } = replica.config.config;
  const slaves = replica.peers.filter(({ id, role }) => role === 'slave' && voters.includes(id));
  const [best] = slaves.toSorted((a, b) => b.matched - a.matched);
  return best !== undefined && replica.transfer(best.id) === undefined;
}

function hasLeft(replica: Replica): boolean {
  if (replica.failure !== undefined) return true;
  return replica.role !== 'master' && replica.master !== NOBODY;
}
