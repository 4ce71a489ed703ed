/**
 * Changes of the mnodes' own members that were asked for: each is begun at the replica and answered when the config
 * that has it is agreed upon.
 */
import type { MemberChange } from '@tdnode/rpc';
import type { Config, Refusal, Replica } from '@tdnode/sync';
import { notReady } from './refusals.ts';

/** A change that is not agreed upon after so many ticks is answered with 828; it may still come. */
const PATIENCE_TICKS = 40;

interface Pending {
  readonly change: MemberChange;
  ticks: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** See the head of this file. */
export class MemberChanges {
  readonly #replica: Replica;
  #pending: Pending[] = [];

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  /** Begins a change; returns why it cannot be begun. One that is in force or on its way already is no error. */
  begin(change: MemberChange): Refusal | undefined {
    const { dnodeId: id, kind } = change;
    if (kind === 'transfer') return this.#replica.transfer(id);
    return isIn(this.#replica.config.config, change)
      ? undefined
      : this.#replica.change({ kind, id });
  }

  /** Resolves when a change that was begun is in force. */
  finished(change: MemberChange): Promise<void> {
    if (change.kind === 'transfer' || this.#isDone(change)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#pending.push({ change, ticks: 0, resolve, reject });
    });
  }

  /** To be called after each turn: answers what is in force. */
  settle(): void {
    if (this.#pending.length === 0) return;
    this.#pending = this.#pending.filter((pending) => {
      if (!this.#isDone(pending.change)) return true;
      pending.resolve();
      return false;
    });
  }

  tick(): void {
    for (const pending of this.#pending.splice(0)) {
      if (++pending.ticks < PATIENCE_TICKS) this.#pending.push(pending);
      else pending.reject(notReady('the mnodes have not agreed upon the change yet'));
    }
  }

  reject(error: unknown): void {
    for (const pending of this.#pending.splice(0)) pending.reject(error);
  }

  #isDone(change: MemberChange): boolean {
    const { version, config } = this.#replica.config;
    return version <= this.#replica.commit && isIn(config, change);
  }
}

function isIn({ voters, learners }: Config, { kind, dnodeId }: MemberChange): boolean {
  const isVoter = voters.includes(dnodeId);
  const isLearner = learners.includes(dnodeId);
  if (kind === 'addLearner') return isVoter || isLearner;
  return kind === 'promote' ? isVoter : !isVoter && !isLearner;
}
