/** Which files a commit writes: one new segment for each partition that the memory table has rows of. Pure. */
import type { PartitionSpan } from '../partition.ts';

/** One file to be written. */
export interface CommitStep {
  readonly partition: number;
  readonly seq: number;
  /** Times of the partition, both included. */
  readonly from: number;
  readonly to: number;
}

/** `partitions`: ascending. Numbers from `nextSeq` on are used. */
export function planCommit(
  partitions: readonly number[],
  nextSeq: number,
  span: PartitionSpan,
): CommitStep[] {
  return partitions.map((partition, i) => ({
    partition,
    seq: nextSeq + i,
    from: span.from(partition),
    to: span.last(partition),
  }));
}
