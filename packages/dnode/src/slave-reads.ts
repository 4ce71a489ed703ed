/**
 * Which replica a read asks, where slaves may answer (`slaveQuery`): each in turn, with the version that it must have
 * applied. That is the highest which this dnode has seen acknowledged, so that whoever stays with one dnode reads what
 * he wrote; others' writes may be missing for a moment.
 *
 * A vgroup's version is asked of its master once and grows with each write through this dnode. Where it is not known,
 * or may have grown unseen, only the master is asked.
 */
import type { Clock } from '@tdnode/common';

/** A replica that was behind is left alone for so long. */
const BEHIND_MS = 3_000;
/** More vgroups than a cluster has; dropped ones are not told apart. */
const MAX_VGROUPS = 10_000;

/** What these reads stand on. */
export interface SlaveReadsOptions {
  readonly isOn: boolean;
  readonly clock: Clock;
  /** False where a dnode surely does not answer. */
  readonly mayAnswer: (dnodeId: number) => boolean;
  /** The last version in the log of a vgroup's master; undefined: nobody says so now. */
  readonly askVersion: (vgId: number) => Promise<number | undefined>;
}

/** Whom to ask, and what it must have applied. */
export interface SlaveRead {
  readonly dnodeId: number;
  readonly atLeast: number;
}

interface Floor {
  version: number;
  /** False: the master has not answered yet. */
  isKnown: boolean;
}

/** See the head of this file. */
export class SlaveReads {
  readonly #options: SlaveReadsOptions;
  readonly #floors = new Map<number, Floor>();
  /** Until when a replica is left alone, by `vgId:dnodeId`. */
  readonly #behindUntil = new Map<string, number>();
  #turn = 0;

  constructor(options: SlaveReadsOptions) {
    this.#options = options;
  }

  /** Whose turn it is; undefined: the master's. `replicas`: dnode ids. */
  next(vgId: number, replicas: readonly number[]): SlaveRead | undefined {
    if (!this.#options.isOn || replicas.length < 2) return undefined;
    const floor = this.#floors.get(vgId);
    if (floor === undefined) void this.#learn(vgId);
    if (floor?.isKnown !== true) return undefined;
    const there = replicas.filter((dnodeId) => this.#mayRead(vgId, dnodeId));
    const dnodeId = there[this.#turn++ % there.length];
    return dnodeId === undefined ? undefined : { dnodeId, atLeast: floor.version };
  }

  /** A write through this dnode was acknowledged. */
  acknowledged(vgId: number, version: number): void {
    const floor = this.#floors.get(vgId);
    if (floor !== undefined) floor.version = Math.max(floor.version, version);
  }

  /** A replica did not answer a read, because it is no slave or is behind. */
  behind(vgId: number, dnodeId: number): void {
    const now = this.#options.clock.monotonic();
    for (const [key, until] of this.#behindUntil) if (until < now) this.#behindUntil.delete(key);
    this.#behindUntil.set(`${vgId}:${dnodeId}`, now + BEHIND_MS);
  }

  /** The master of a vgroup changed, and with it what its log holds; left out: of any may have. */
  forget(vgId?: number): void {
    if (vgId === undefined) this.#floors.clear();
    else this.#floors.delete(vgId);
  }

  #mayRead(vgId: number, dnodeId: number): boolean {
    const until = this.#behindUntil.get(`${vgId}:${dnodeId}`) ?? 0;
    return until <= this.#options.clock.monotonic() && this.#options.mayAnswer(dnodeId);
  }

  /** Writes that are acknowledged meanwhile count; what was forgotten meanwhile stays so. Never rejects. */
  async #learn(vgId: number): Promise<void> {
    const floor: Floor = { version: 0, isKnown: false };
    if (this.#floors.size >= MAX_VGROUPS) this.#floors.clear();
    this.#floors.set(vgId, floor);
    const version = await this.#options.askVersion(vgId).catch(() => undefined); // the next read asks again
    if (version !== undefined) {
      floor.version = Math.max(floor.version, version);
      floor.isKnown = true;
    } else if (this.#floors.get(vgId) === floor) {
      this.#floors.delete(vgId);
    }
  }
}
