/**
 * Tables that were dropped while files may still have rows of them. A drop enters the manifest with the
 * commit that covers its version; before that the log has it.
 */
export class DroppedTables {
  /** Version of the drop by tid; 0 for those that the manifest knows. */
  readonly #versions = new Map<number, number>();

  constructor(known: readonly number[]) {
    for (const tid of known) this.#versions.set(tid, 0);
  }

  add(tid: number, version: number): void {
    this.#versions.set(tid, version);
  }

  has(tid: number): boolean {
    return this.#versions.has(tid);
  }

  /** Those dropped up to a version, ascending: what the manifest is to name. */
  upTo(version: number): number[] {
    const tids: number[] = [];
    for (const [tid, dropped] of this.#versions) if (dropped <= version) tids.push(tid);
    return tids.sort((a, b) => a - b);
  }

  /** After a manifest was put in place: those it covers and no longer names have no rows left anywhere. */
  keepNamed(named: readonly number[], committedVersion: number): void {
    const kept = new Set(named);
    for (const [tid, dropped] of this.#versions) {
      if (dropped <= committedVersion && !kept.has(tid)) this.#versions.delete(tid);
    }
  }
}
