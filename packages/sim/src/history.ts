/**
 * What clients saw: every write, whether it was acknowledged and by whom, and who was master when.
 */
import type { ReplicaId } from '@tdnode/sync';

/** One write of one client. */
export interface Operation {
  /** Unique. */
  readonly value: number;
  /** Bytes of its payload. */
  readonly size: number;
  version: number;
  /** The master's term when it was written. */
  term: number;
  /** `unknown`: written, but its client got no answer. */
  state: 'new' | 'refused' | 'unknown' | 'acknowledged';
  /** How many changes of master had been when it was acknowledged. */
  acknowledgedAfter: number;
}

/** See the head of this file. */
export class History {
  readonly operations: Operation[] = [];
  /** Who was master, one after the other. */
  readonly masters: { readonly id: ReplicaId; readonly term: number }[] = [];
  /** Files put in place of a replica's own, memories rolled back, changes of the members. */
  readonly counts = { installs: 0, rollbacks: 0, changes: 0 };
  #byTerm = new Map<number, ReplicaId>();

  /** A new write. */
  begin(size: number): Operation {
    const operation: Operation = {
      value: this.operations.length + 1,
      size,
      version: 0,
      term: 0,
      state: 'new',
      acknowledgedAfter: 0,
    };
    this.operations.push(operation);
    return operation;
  }

  /** A client got its yes. */
  acknowledged(operation: Operation, _by: ReplicaId): void {
    operation.state = 'acknowledged';
    operation.acknowledgedAfter = this.masters.length;
  }

  /** Someone became master. */
  mastered(id: ReplicaId, term: number): void {
    const other = this.#byTerm.get(term);
    if (other !== undefined && other !== id)
      throw new Error(`two masters in term ${term}: ${other} and ${id}`);
    this.#byTerm.set(term, id);
    const last = this.masters.at(-1);
    if (last === undefined || last.term < term) this.masters.push({ id, term });
  }

  /** How often the mastership went from one replica to another. */
  get failOvers(): number {
    let count = 0;
    for (let i = 1; i < this.masters.length; i++)
      if (this.masters[i]!.id !== this.masters[i - 1]!.id) count++;
    return count;
  }
}
