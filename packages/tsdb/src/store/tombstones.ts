/**
 * Deleted stretches of tables. In memory a delete is done at once; files are immutable, so that a tombstone hides
 * the rows there until a rewriting leaves them out.
 *
 * Invariants: a tombstone hides rows of files whose number is below `beforeSeq`, which are all that existed or were
 * being written when it came; what is written later may hold the same times anew. It enters the manifest with the
 * commit that covers its version; before that the log has it, it may be undone, and no rewriting leaves out what it
 * hides: the rewritten file is hidden in its turn (`hideAlso`).
 */
import { nextTime } from '@tdnode/common';
import type { SegmentEntry, TimeRange, Tombstone } from '../manifest/manifest.ts';

interface Pending extends Tombstone {
  /** 0 for those that the manifest knows. */
  readonly version: number;
}

/** See the head of this file. */
export class Tombstones {
  readonly #byTid = new Map<number, Pending[]>();

  constructor(known: readonly Tombstone[]) {
    for (const tombstone of known) this.add(tombstone, 0);
  }

  add(tombstone: Tombstone, version: number): void {
    const list = this.#byTid.get(tombstone.tid);
    if (list === undefined) this.#byTid.set(tombstone.tid, [{ ...tombstone, version }]);
    else list.push({ ...tombstone, version });
  }

  /** Whether rows of the table may be hidden. */
  has(tid: number): boolean {
    return this.#byTid.has(tid);
  }

  /** Those that are later than a version. */
  after(version: number): readonly Tombstone[] {
    return this.#all().filter((one) => one.version > version);
  }

  /**
   * Makes tombstones that came before a rewriting began, and were not heeded by it, hide rows of the file that it wrote.
   * Files that are younger than the tombstones must have higher numbers.
   */
  hideAlso(tombstones: readonly Tombstone[], seq: number): void {
    for (const { tid, from, to, beforeSeq } of tombstones) {
      const known = this.#byTid.get(tid);
      const at = (known ?? []).findIndex(
        (one) => one.from === from && one.to === to && one.beforeSeq === beforeSeq,
      );
      if (at >= 0) known![at] = { ...known![at]!, beforeSeq: Math.max(beforeSeq, seq + 1) };
    }
  }

  /** Whether rows of the file may be hidden by tombstones up to a version. */
  touches(file: SegmentEntry, upTo: number): boolean {
    if (this.#byTid.size === 0) return false;
    return this.#all().some((one) => one.version <= upTo && isOver(one, file));
  }

  /** What of `[from, to]` is not hidden in a file by tombstones up to a version, ascending. */
  visible(file: SegmentEntry, tid: number, { from, to }: TimeRange, upTo = Infinity): TimeRange[] {
    const hidden = (this.#byTid.get(tid) ?? [])
      .filter((one) => one.version <= upTo && isOver(one, file))
      .sort((a, b) => a.from - b.from);
    const ranges: TimeRange[] = [];
    let next = from;
    for (const one of hidden) {
      if (one.from > next) ranges.push({ from: next, to: Math.min(to, nextTime(one.from, -1)) });
      next = Math.max(next, nextTime(one.to, 1));
      if (next > to) break;
    }
    if (next <= to) ranges.push({ from: next, to });
    return ranges.filter((range) => range.from <= range.to);
  }

  /** Those up to a version that hide something in one of the files: what the manifest is to name. */
  upTo(version: number, files: readonly SegmentEntry[]): Tombstone[] {
    return this.#all()
      .filter((one) => one.version <= version && files.some((file) => isOver(one, file)))
      .map(({ tid, from, to, beforeSeq }) => ({ tid, from, to, beforeSeq }));
  }

  /** After a manifest was put in place: those it covers and no longer names hide nothing any more. */
  keepNamed(named: readonly Tombstone[], committedVersion: number): void {
    const pending = this.#all().filter((one) => one.version > committedVersion);
    this.#byTid.clear();
    for (const tombstone of named) this.add(tombstone, 0);
    for (const { version, ...tombstone } of pending) this.add(tombstone, version);
  }

  #all(): Pending[] {
    return [...this.#byTid.values()].flat();
  }
}

/** Whether rows of the file may be hidden by the tombstone. */
export function isOver(tombstone: Tombstone, file: SegmentEntry): boolean {
  return file.seq < tombstone.beforeSeq && isAbout(tombstone, file);
}

/** Whether the file, be it older or younger, may have rows of the table in the deleted stretch. */
export function isAbout({ tid, from, to }: Tombstone, { info }: SegmentEntry): boolean {
  const isThere = tid >= info.tidFirst && tid <= info.tidLast;
  return isThere && info.tsFirst <= to && info.tsLast >= from;
}
