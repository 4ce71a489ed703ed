/**
 * Where the records of one segment file lie, and under which terms they were written: four bytes a record, so
 * that any run of records can be found, measured and read without a scan. docs/format/wal.md.
 *
 * Invariants: every record ends at a multiple of 8, so ends are kept in units of 8 bytes; `terms` are runs,
 * ascending by version; `owned` are the versions of records with a type of `OWN_TYPES` or above, ascending.
 */
import { assert } from '@tdnode/common';
import { SEGMENT_HEADER_BYTES } from './format.ts';

/** Types from here on belong to whoever drives the log, not to who writes into it: an index finds them. */
export const OWN_TYPES = 0xf0;

const UNIT = 8;

/** Records from `version` on, up to the next run, have this term. */
export interface TermRun {
  readonly version: number;
  readonly term: number;
}

/** See the head of this file. */
export class SegmentIndex {
  readonly firstVersion: number;
  #ends = new Uint32Array(64);
  #count = 0;
  #terms: TermRun[] = [];
  #owned: number[] = [];

  constructor(firstVersion: number) {
    this.firstVersion = firstVersion;
  }

  /** Version of the last record; one below the first version when there is none. */
  get lastVersion(): number {
    return this.firstVersion + this.#count - 1;
  }

  /** Versions of records that belong to the driver of the log. */
  get owned(): readonly number[] {
    return this.#owned;
  }

  /** Notes the next record, which ends at `end` (bytes from the start of the file). */
  push(end: number, term: number, type: number): void {
    if (this.#count === this.#ends.length) {
      const grown = new Uint32Array(this.#count * 2);
      grown.set(this.#ends);
      this.#ends = grown;
    }
    this.#ends[this.#count++] = end / UNIT;
    const version = this.lastVersion;
    if (this.#terms.at(-1)?.term !== term) this.#terms.push({ version, term });
    if (type >= OWN_TYPES) this.#owned.push(version);
  }

  /** Forgets records above `version`. */
  truncate(version: number): void {
    if (version >= this.lastVersion) return;
    this.#count = Math.max(0, version - this.firstVersion + 1);
    this.#terms = this.#terms.filter((run) => run.version <= version);
    this.#owned = this.#owned.filter((owned) => owned <= version);
  }

  /** Where the record of `version` begins, bytes from the start of the file. */
  startOf(version: number): number {
    return version === this.firstVersion ? SEGMENT_HEADER_BYTES : this.endOf(version - 1);
  }

  /** Where the record of `version` ends. */
  endOf(version: number): number {
    assert(
      version >= this.firstVersion && version <= this.lastVersion,
      'the segment has the version',
    );
    return this.#ends[version - this.firstVersion]! * UNIT;
  }

  /** Term of the record of `version`. */
  termOf(version: number): number {
    for (let i = this.#terms.length - 1; i >= 0; i--)
      if (this.#terms[i]!.version <= version) return this.#terms[i]!.term;
    return assert(false, 'the segment has the version') as never;
  }

  /** The last version whose record ends at or before `limit` (bytes from the start of the file). */
  lastWithin(limit: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ends[middle]! * UNIT <= limit) low = middle + 1;
      else high = middle;
    }
    return this.firstVersion + low - 1;
  }
}
