/**
 * Runs a fragment where the rows are. The generator hands out encoded batches, ready to be transferred, and
 * undefined whenever a slice of about a millisecond is used up; `return()` closes all cursors.
 */
import type { CountedFragment, Fragment } from '../plan/fragment.ts';
import type { Scan } from '../scan.ts';
import { CountingScan, encodeCounts } from './counting-scan.ts';
import { runAggregate } from './run-aggregate.ts';
import { runDiff } from './run-diff.ts';
import { isShort, runEarliest } from './run-earliest.ts';
import { runInterp } from './run-interp.ts';
import { runOrdered } from './run-ordered.ts';
import { runRows } from './run-rows.ts';
import { runCountTables, runTags } from './run-tags.ts';

/** `fragment` is a `Fragment` as `planSelect` made it, possibly cloned on its way. */
export function runFragment(fragment: object, scan: Scan): Generator<Uint8Array | undefined> {
  const work = fragment as Fragment | CountedFragment;
  switch (work.kind) {
    case 'rows':
      if (work.order !== 'time') return runRows(work, scan);
      return isShort(work.limit) ? runEarliest(work, scan) : runOrdered(work, scan);
    case 'counted':
      return runCounted(work, scan);
    case 'tags':
      return runTags(work, scan);
    case 'count-tables':
      return runCountTables(work, scan);
    case 'aggregate':
      return work.interp === undefined
        ? runAggregate(work, scan)
        : runInterp(work, work.interp, scan);
    case 'diff':
      return runDiff(work, scan);
  }
}

function* runCounted({ fragment }: CountedFragment, scan: Scan): Generator<Uint8Array | undefined> {
  const counting = new CountingScan(scan);
  yield* runFragment(fragment, counting);
  yield encodeCounts(counting.counts());
}
