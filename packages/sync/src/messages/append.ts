/** `append`: the master's entries [from, to] for a follower, and what stands before them. */
import type { ConfigAt } from '../core/types.ts';
import type { Envelope } from './envelope.ts';

/** Entries follow `prevVersion`, whose term the follower compares: log matching. to = from - 1: a mere probe. */
export interface Append extends Envelope {
  readonly kind: 'append';
  /** from - 1. */
  readonly prevVersion: number;
  readonly prevTerm: number;
  readonly from: number;
  readonly to: number;
  /** The master's commit, which may lie above `to`. */
  readonly commit: number;
  /** Terms of the entries, as runs: ascending, the first begins at `from`; empty when there are no entries. */
  readonly terms: readonly TermRun[];
  /** The config entries among them. */
  readonly configs: readonly ConfigAt[];
}

/** Entries from `version` on, up to the next run, have this term. */
export interface TermRun {
  readonly version: number;
  readonly term: number;
}
