/**
 * The memory table: submit groups as they came, and for each table a chain of segments, row ranges of
 * groups. Appending costs O(segments): no row is touched, no object is made per table or segment.
 *
 * Invariants: segment 0 does not exist (a chain ends at 0); a chain is in the order of writing; a table is
 * `ordered` while each segment begins after all rows before it; what is deleted leaves the chains, never the groups.
 */
import { assert, nextTime, type SubmitGroup } from '@tdnode/common';
import type { PartitionSpan } from '../partition.ts';
import { GroupPool } from './group-pool.ts';
import { grownFloat64, grownInt32, grownUint8 } from './grow.ts';
import { RunList } from './run-list.ts';
import { sortRuns } from './sort-runs.ts';

/** Bytes of one segment in the chains' arrays. */
const SEGMENT_BYTES = 16;
/** Chains up to this many segments are walked anew for each reader; longer ones keep their run list. */
const KEPT_RUNS_MIN = 64;

/** Where one row lies. */
export interface RowPlace {
  readonly ts: number;
  readonly group: number;
  readonly row: number;
}

interface KeptRuns {
  readonly list: RunList;
  /** The chain's last segment that is in the list. */
  lastSegment: number;
}

/** See the head of this file. */
export class MemTable {
  readonly pool = new GroupPool();
  readonly #span: PartitionSpan;
  readonly #kept = new Map<number, KeptRuns>();
  /** Partitions that rows fall into. */
  readonly #partitions = new Set<number>();
  #partitionFrom = Infinity;
  #partitionTo = -Infinity;
  #bytes = 0;
  #rowsTotal = 0;
  // The segments.
  #group = new Int32Array(256);
  #from = new Int32Array(256);
  #to = new Int32Array(256);
  #next = new Int32Array(256);
  #segments = 1;
  // The tables, by tid.
  #first = new Int32Array(64);
  #last = new Int32Array(64);
  #count = new Int32Array(64);
  #rows = new Int32Array(64);
  #tsMin = new Float64Array(64);
  #tsMax = new Float64Array(64);
  #unordered = new Uint8Array(64);
  #tidEnd = 0;

  constructor(span: PartitionSpan) {
    this.#span = span;
  }

  /** Bytes held, buffers of groups included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Rows held, duplicates and rows of dropped tables included. */
  get rows(): number {
    return this.#rowsTotal;
  }

  /** One more than the highest tid here. */
  get tidEnd(): number {
    return this.#tidEnd;
  }

  /** Partitions that rows fall into, ascending. */
  partitions(): number[] {
    return [...this.#partitions].sort((a, b) => a - b);
  }

  /** Takes a group; `tids[i]` is the table of segment i, 0: leave it out. */
  append(group: SubmitGroup, tids: Uint32Array): void {
    const id = this.pool.add(group);
    const { rowFrom, ts, segments } = group;
    this.#bytes += group.byteLength + GroupPool.overheadBytes(group) + segments * SEGMENT_BYTES;
    this.#rowsTotal += group.rows;
    if (this.#segments + segments > this.#group.length)
      this.#growSegments(this.#segments + segments);
    for (let i = 0; i < segments; i++) {
      const tid = tids[i]!;
      if (tid === 0) continue;
      const from = rowFrom[i]!;
      const to = rowFrom[i + 1]!;
      const segment = this.#segments++;
      this.#group[segment] = id;
      this.#from[segment] = from;
      this.#to[segment] = to;
      this.#chain(tid, segment, ts[from]!, ts[to - 1]!);
      if (!(ts[from]! >= this.#partitionFrom && ts[to - 1]! < this.#partitionTo)) {
        this.#notePartitions(ts, from, to);
      }
    }
  }

  /** Forgets a table. Its bytes stay until the whole memory table goes. */
  drop(tid: number): void {
    if (tid >= this.#tidEnd) return;
    this.#first[tid] = 0;
    this.#last[tid] = 0;
    this.#count[tid] = 0;
    this.#rows[tid] = 0;
    this.#unordered[tid] = 0;
    this.#kept.delete(tid);
  }

  /** Forgets the rows of a table in `[from, to]`; readers of the old runs keep seeing them. */
  deleteRange(tid: number, from: number, to: number): void {
    if (!this.has(tid) || this.#tsMax[tid]! < from || this.#tsMin[tid]! > to) return;
    const kept: [group: number, from: number, to: number][] = [];
    for (let segment = this.#first[tid]!; segment !== 0; segment = this.#next[segment]!) {
      const group = this.#group[segment]!;
      const begin = this.#from[segment]!;
      const end = this.#to[segment]!;
      const low = this.#rowAt(group, from, begin, end);
      const high = this.#rowAt(group, nextTime(to, 1), low, end);
      if (low > begin) kept.push([group, begin, low]);
      if (high < end) kept.push([group, high, end]);
    }
    this.drop(tid);
    if (this.#segments + kept.length > this.#group.length)
      this.#growSegments(this.#segments + kept.length);
    for (const [group, begin, end] of kept) {
      const segment = this.#segments++;
      this.#group[segment] = group;
      this.#from[segment] = begin;
      this.#to[segment] = end;
      this.#chain(tid, segment, this.pool.ts(group, begin), this.pool.ts(group, end - 1));
    }
  }

  /** The first row of a group's rows `[begin, end)` at or after a time. */
  #rowAt(group: number, ts: number, begin: number, end: number): number {
    let low = begin;
    let high = end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pool.ts(group, middle) < ts) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  has(tid: number): boolean {
    return tid < this.#tidEnd && this.#first[tid] !== 0;
  }

  /** Rows of a table, duplicates included. */
  rowsOf(tid: number): number {
    return tid < this.#tidEnd ? this.#rows[tid]! : 0;
  }

  /** First and last time of a table that is here. */
  tsMin(tid: number): number {
    return this.#tsMin[tid]!;
  }

  tsMax(tid: number): number {
    return this.#tsMax[tid]!;
  }

  /** Rows of a table in time order, one a time: the first written, or with `isLastKept` the last. */
  runs(tid: number, isLastKept: boolean): RunList {
    if (!this.has(tid)) return new RunList(0);
    const isOrdered = this.#unordered[tid] === 0;
    const kept = this.#kept.get(tid);
    if (kept !== undefined && kept.lastSegment === this.#last[tid]) return kept.list;
    if (kept !== undefined && isOrdered) {
      this.#appendRuns(kept.list, this.#next[kept.lastSegment]!);
      kept.lastSegment = this.#last[tid]!;
      return kept.list;
    }
    let list = new RunList(this.#count[tid]!);
    this.#appendRuns(list, this.#first[tid]!);
    if (!isOrdered) list = sortRuns(this.pool, list, isLastKept);
    if (!isOrdered || this.#count[tid]! >= KEPT_RUNS_MIN) {
      this.#kept.set(tid, { list, lastSegment: this.#last[tid]! });
    }
    return list;
  }

  /** The newest row of a table, without sorting; undefined when there is none. */
  newest(tid: number, isLastKept: boolean): RowPlace | undefined {
    if (!this.has(tid)) return undefined;
    const ts = this.#tsMax[tid]!;
    // The newest row is the last of its segment, since segments ascend.
    let found = this.#unordered[tid] === 0 ? this.#last[tid]! : 0;
    if (found === 0) {
      for (let segment = this.#first[tid]!; segment !== 0; segment = this.#next[segment]!) {
        if (this.pool.ts(this.#group[segment]!, this.#to[segment]! - 1) !== ts) continue;
        found = segment;
        if (!isLastKept) break;
      }
    }
    assert(found !== 0, 'the newest row is the last of some segment');
    return { ts, group: this.#group[found]!, row: this.#to[found]! - 1 };
  }

  #appendRuns(list: RunList, firstSegment: number): void {
    for (let segment = firstSegment; segment !== 0; segment = this.#next[segment]!) {
      list.push(this.#group[segment]!, this.#from[segment]!, this.#to[segment]!);
    }
  }

  #chain(tid: number, segment: number, tsFirst: number, tsLast: number): void {
    if (tid >= this.#tidEnd) this.#growTables(tid + 1);
    this.#next[segment] = 0;
    this.#count[tid]!++;
    this.#rows[tid]! += this.#to[segment]! - this.#from[segment]!;
    const last = this.#last[tid]!;
    this.#last[tid] = segment;
    if (last === 0) {
      this.#first[tid] = segment;
      this.#tsMin[tid] = tsFirst;
      this.#tsMax[tid] = tsLast;
      return;
    }
    this.#next[last] = segment;
    if (tsFirst <= this.#tsMax[tid]!) this.#unordered[tid] = 1;
    if (tsFirst < this.#tsMin[tid]!) this.#tsMin[tid] = tsFirst;
    if (tsLast > this.#tsMax[tid]!) this.#tsMax[tid] = tsLast;
  }

  /** Notes the partitions of a segment; its rows are looked at only where it spans several. */
  #notePartitions(ts: Float64Array, from: number, to: number): void {
    for (let row = from; row < to;) {
      const partition = this.#span.of(ts[row]!);
      this.#partitions.add(partition);
      this.#partitionFrom = this.#span.from(partition);
      this.#partitionTo = this.#span.from(partition + 1);
      let low = row;
      let high = to;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (ts[middle]! >= this.#partitionTo) high = middle;
        else low = middle + 1;
      }
      row = low;
    }
  }

  #growSegments(needed: number): void {
    const length = Math.max(needed, this.#group.length * 2);
    this.#group = grownInt32(this.#group, length);
    this.#from = grownInt32(this.#from, length);
    this.#to = grownInt32(this.#to, length);
    this.#next = grownInt32(this.#next, length);
  }

  #growTables(tidEnd: number): void {
    this.#tidEnd = tidEnd;
    if (tidEnd <= this.#first.length) return;
    const length = Math.max(tidEnd, this.#first.length * 2);
    this.#first = grownInt32(this.#first, length);
    this.#last = grownInt32(this.#last, length);
    this.#count = grownInt32(this.#count, length);
    this.#rows = grownInt32(this.#rows, length);
    this.#tsMin = grownFloat64(this.#tsMin, length);
    this.#tsMax = grownFloat64(this.#tsMax, length);
    this.#unordered = grownUint8(this.#unordered, length);
  }
}
