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
import type { History, Operation } from './history.ts';
import type { SimNode } from './node.ts';
import type { Contents, ReplicaStyle } from './process.ts';

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
  readonly #style: ReplicaStyle;
  /** `version:term` → the entry. */
  readonly #entries = new Map<string, Seen>();
  /** Version → the entry that was committed there. */
  readonly #committed: (Seen | undefined)[] = [];
  /** The newest term of which the master was read. */
  #readTerm: number | undefined;
  /** What was looked at already, per process: terms by version, and the commit. */
  readonly #looked = new WeakMap<
    Replica,
    { terms: Map<number, number>; commit: number; last: number }
  >();

  constructor(history: History, style: ReplicaStyle) {
    this.#history = history;
    this.#style = style;
  }

  /** The highest version that anybody knows to be committed. */
  get committedVersion(): number {
    return this.#committed.length - 1;
  }

  /** To be called after every step, with the host where it happened. */
  check(node: SimNode): void {
    const { process } = node;
    if (process === undefined) return;
    const { replica, filesVersion } = process;
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
    if (filesVersion > replica.commit)
      fail(node, `files up to ${filesVersion}, committed ${replica.commit}`);
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

  /** At the end: all members have the same, and it is as clients were promised. */
  checkEnd(members: readonly SimNode[]): void {
    const [first, ...others] = members;
    const contents = first!.process!.contents();
    for (const other of others) checkSame(other, other.process!.contents(), contents);
    this.#checkPromises(first!, contents);
  }

  /** Who leads the newest term shows everything that was promised, at any time. */
  checkMaster(node: SimNode): void {
    const { process } = node;
    const { term } = this.#history.masters.at(-1) ?? {};
    if (process?.isServing !== true || process.replica.term !== term) return;
    this.#readTerm = term;
    this.#checkPromises(node, process.contents());
  }

  /** The same, for the first turn in which it may be read. */
  checkNewMaster(node: SimNode): void {
    if (this.#readTerm !== this.#history.masters.at(-1)?.term) this.checkMaster(node);
  }

  /** What clients were promised is there once, what was refused is not. */
  #checkPromises(node: SimNode, contents: Contents): void {
    const places = new Map<number, number>();
    for (const [value, place] of contents.entries) {
      if (places.has(value)) fail(node, `value ${value} is there twice`);
      places.set(value, place);
    }
    const { operations } = this.#history;
    const isRemoved = removals(operations);
    for (const operation of operations) {
      const what =
        operation.removes === 0
          ? isBroken(operation, places.get(operation.value), isRemoved)
          : isLeft(operation, operations[operation.removes - 1]!, places);
      if (what === undefined) continue;
      if (operation.state === 'acknowledged' && this.#mayBeLost(operation.acknowledgedTerm))
        continue;
      fail(node, what);
    }
  }

  /** Quorum 1 promises nothing across a fail-over. */
  #mayBeLost(term: number): boolean {
    const { masters } = this.#history;
    const by = masters.find((master) => master.term === term)?.id;
    return this.#style.quorum === 1 && masters.some((one) => one.term > term && one.id !== by);
  }
}

function isAlone(replica: Replica): boolean {
  const { voters, learners } = replica.config.config;
  return voters.length + learners.length === 1;
}

function checkSame(node: SimNode, contents: Contents, expected: Contents): void {
  const own = contents.entries.map(String);
  const others = expected.entries.map(String);
  if (own.join() === others.join() && contents.rest === expected.rest) return;
  const missing = others.filter((entry) => !own.includes(entry));
  const surplus = own.filter((entry) => !others.includes(entry));
  if (missing.length + surplus.length > 0)
    fail(node, `lacks ${missing.join(' ')}; has what another has not: ${surplus.join(' ')}`);
  if (own.join() !== others.join()) fail(node, 'values in another order, or twice');
  if (contents.rest !== expected.rest) fail(node, `${contents.rest}, another has ${expected.rest}`);
}

/** Whether a value may have been taken away: its removal was not refused. */
function removals(operations: readonly Operation[]): (operation: Operation) => boolean {
  const values = new Set<number>();
  const places = new Set<number>();
  for (const { state, removes, clearsPlace } of operations) {
    if (state === 'refused' || removes === 0) continue;
    if (clearsPlace) places.add(operations[removes - 1]!.place);
    else values.add(removes);
  }
  return ({ value, place }) => values.has(value) || places.has(place);
}

/** What is wrong with a write, if its outcome is not what its client was told; `at`: where its value is. */
function isBroken(
  operation: Operation,
  at: number | undefined,
  isRemoved: (operation: Operation) => boolean,
): string | undefined {
  const { value, place, state } = operation;
  if (state === 'refused' && at !== undefined) return `value ${value} was refused and is at ${at}`;
  if (state !== 'acknowledged' || at === place) return undefined;
  if (at === undefined && isRemoved(operation)) return undefined;
  return `value ${value}, acknowledged for ${place}, is at ${String(at)}`;
}

/** What is wrong with a removal: what it was to take away is there. */
function isLeft(
  { state, clearsPlace }: Operation,
  target: Operation,
  places: ReadonlyMap<number, number>,
): string | undefined {
  if (state !== 'acknowledged') return undefined;
  const isThere = clearsPlace
    ? [...places.values()].includes(target.place)
    : places.has(target.value);
  return isThere ? `value ${target.value} is there, its removal was acknowledged` : undefined;
}

function fail(node: SimNode, what: string): never {
  throw new CheckError(`replica ${node.id}: ${what}`);
}
