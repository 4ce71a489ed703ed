/**
 * What must hold after every step, and at the end. Docs: docs/protocol/sync.md, "Safety".
 *
 *  - At most one master a term (`History.mastered`).
 *  - Logs match: an entry is known by version and term, and everything before it too.
 *  - Equal version and term: equal bytes.
 *  - What one replica knows to be committed, no other knows differently, ever.
 *  - Nothing is applied above the commit, but on a master or where one was.
 *  - No acknowledged write is lost or doubled.
 */
import { crc32 } from 'node:zlib';
import type { Replica } from '@tdnode/sync';
import type { GroupOptions, SimNode } from './node.ts';
import type { History } from './history.ts';

/** A broken promise. */
export class CheckError extends Error {
  override readonly name = 'CheckError';
}

interface Seen {
  readonly term: number;
  /** Checksum of the payload and the type. */
  readonly crc: number;
  /** Term of the entry before. */
  readonly prevTerm: number;
  /**
   * Written by this replica while it was alone, and seen by nobody else: it may lose it, with the power, as long as
   * nobody was promised anything, and use the same term again. 0: not so.
   */
  loneAuthor: number;
}

/** See the head of this file. */
export class Checkers {
  readonly #history: History;
  readonly #group: GroupOptions;
  /** `version:term` → the entry. */
  readonly #entries = new Map<string, Seen>();
  /** Version → the entry that was committed there. */
  readonly #committed: (Seen | undefined)[] = [];
  /** What was looked at already, per process: terms by version, and the commit. */
  readonly #looked = new WeakMap<
    Replica,
    { terms: Map<number, number>; commit: number; last: number }
  >();

  constructor(history: History, group: GroupOptions) {
    this.#history = history;
    this.#group = group;
  }

  /** The highest version that anybody knows to be committed. */
  get committedVersion(): number {
    return this.#committed.length - 1;
  }

  /** To be called after every step, with the host where it happened. */
  check(node: SimNode): void {
    const { replica } = node;
    if (replica === undefined) return;
    let looked = this.#looked.get(replica);
    if (looked === undefined) {
      looked = {
        terms: new Map(),
        commit: replica.firstVersion - 1,
        last: replica.firstVersion - 1,
      };
      this.#looked.set(replica, looked);
    }
    this.#checkLog(node, replica, looked);
    this.#checkCommit(node, replica, looked);
    if (!node.wasMaster && replica.applied > replica.commit)
      fail(node, `applied ${replica.applied}, committed ${replica.commit}`);
    if (node.machine!.filesVersion > replica.commit)
      fail(node, `files up to ${node.machine!.filesVersion}, committed ${replica.commit}`);
  }

  #checkLog(
    node: SimNode,
    replica: Replica,
    looked: { terms: Map<number, number>; last: number },
  ): void {
    let same = Math.min(looked.last, replica.lastVersion);
    while (same >= replica.firstVersion && looked.terms.get(same) !== replica.termOf(same)) same--;
    same = Math.max(same, replica.firstVersion - 1);
    looked.last = replica.lastVersion;
    if (same >= replica.lastVersion) return;
    let prevTerm = replica.termOf(same);
    for (const { version, term, type, payload } of replica.records(same + 1, replica.lastVersion)) {
      const key = `${version}:${term}`;
      const seen = this.#entries.get(key);
      const crc = crc32(payload, type);
      if (term < prevTerm) fail(node, `term ${term} at ${version} after ${prevTerm}`);
      const isForgettable = seen?.loneAuthor === node.id && version > this.committedVersion;
      if (seen === undefined || isForgettable) {
        this.#entries.set(key, { term, crc, prevTerm, loneAuthor: isAlone(replica) ? node.id : 0 });
      } else if (seen.crc !== crc) {
        fail(node, `other bytes at version ${version}, term ${term}`);
      } else if (seen.prevTerm !== prevTerm) {
        fail(node, `logs do not match before ${key}`);
      } else if (seen.loneAuthor !== node.id) {
        seen.loneAuthor = 0;
      }
      looked.terms.set(version, term);
      prevTerm = term;
    }
  }

  #checkCommit(
    node: SimNode,
    replica: Replica,
    looked: { terms: Map<number, number>; commit: number },
  ): void {
    const from = Math.max(looked.commit + 1, replica.firstVersion);
    for (let version = from; version <= replica.commit; version++) {
      const term = looked.terms.get(version)!;
      const entry = this.#entries.get(`${version}:${term}`)!;
      const known = this.#committed[version];
      if (known === undefined) {
        this.#committed[version] = entry;
        if (replica.config.version === version) this.#history.counts.changes++;
      }
      if (known !== undefined && (known.term !== term || known.crc !== entry.crc))
        fail(node, `committed ${version} of term ${term}, others have term ${known.term}`);
    }
    looked.commit = Math.max(looked.commit, replica.commit);
  }

  /** At the end: all members have the same, and what clients were promised is in it once. */
  checkEnd(members: readonly SimNode[]): void {
    const [first] = members;
    const list = first!.machine!.values;
    for (const node of members) {
      const { values } = node.machine!;
      if (values.size !== list.size)
        fail(node, `${values.size} values, ${first!.id} has ${list.size}`);
      for (const [version, value] of list)
        if (values.get(version) !== value) fail(node, `other value at version ${version}`);
    }
    const places = new Map<number, number>();
    for (const [version, value] of list) {
      if (places.has(value)) fail(first!, `value ${value} is there twice`);
      places.set(value, version);
    }
    for (const operation of this.#history.operations) {
      const at = places.get(operation.value);
      if (operation.state === 'refused' && at !== undefined)
        fail(first!, `value ${operation.value} was refused and is at ${at}`);
      if (operation.state !== 'acknowledged' || at === operation.version) continue;
      if (this.#mayBeLost(operation.acknowledgedAfter)) continue;
      fail(
        first!,
        `value ${operation.value}, acknowledged at ${operation.version}, is at ${String(at)}`,
      );
    }
  }

  /** Quorum 1 promises nothing across a fail-over. */
  #mayBeLost(mastersBefore: number): boolean {
    const { masters } = this.#history;
    const by = masters[mastersBefore - 1]?.id;
    return this.#group.quorum === 1 && masters.slice(mastersBefore).some(({ id }) => id !== by);
  }
}

function isAlone(replica: Replica): boolean {
  const { voters, learners } = replica.config.config;
  return voters.length + learners.length === 1;
}

function fail(node: SimNode, what: string): never {
  throw new CheckError(`replica ${node.id}: ${what}`);
}
