/**
 * What clients saw: every write, whether it was acknowledged and by whom, and who was master when.
 */
import type { ReplicaId } from '@tdnode/sync';

/** One write of one client. */
export interface Operation {
  /** Unique. */
  readonly value: number;
  /** Bytes of its payload, where that can be chosen. */
  readonly size: number;
  /** The value of an earlier operation that this one takes away; 0: it brings its own. */
  readonly removes: number;
  /** Whether it takes away everything that is in that value's place. */
  readonly clearsPlace: boolean;
  version: number;
  /** Where a reader should find it, as its machine counts places. */
  place: number;
  /** `unknown`: written, but its client got no answer. */
  state: 'new' | 'refused' | 'unknown' | 'acknowledged';
  /** The term of the master that acknowledged it: perhaps one that does not know its successor yet. */
  acknowledgedTerm: number;
}

/** What an operation takes away. */
export type Removal = Pick<Operation, 'removes' | 'clearsPlace'>;

const NO_REMOVAL: Removal = { removes: 0, clearsPlace: false };

/** See the head of this file. */
export class History {
  readonly operations: Operation[] = [];
  /** Who was master, one after the other. */
  readonly masters: { readonly id: ReplicaId; readonly term: number }[] = [];
  /** Crashes, files put in place of a replica's own, memories rolled back, changes of the members. */
  readonly counts = { crashes: 0, installs: 0, rollbacks: 0, changes: 0 };
  #byTerm = new Map<number, ReplicaId>();

  /** A new write. */
  begin(size: number, { removes, clearsPlace }: Removal = NO_REMOVAL): Operation {
    const operation: Operation = {
      value: this.operations.length + 1,
      size,
      removes,
      clearsPlace,
      version: 0,
      place: 0,
      state: 'new',
      acknowledgedTerm: 0,
    };
    this.operations.push(operation);
    return operation;
  }

  /** A client got its yes, from the master of a term. */
  acknowledged(operation: Operation, term: number): void {
    operation.state = 'acknowledged';
    operation.acknowledgedTerm = term;
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
