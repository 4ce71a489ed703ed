/** What an insert run did: 2.1.2's lines, and percentiles. */
import type { InsertTotals } from '../run/insert.ts';

/** Lines for a database's stable (`into`: `test.meters`). */
export function summaryLines(
  totals: InsertTotals,
  {
    seconds,
    threads,
    into,
  }: { readonly seconds: number; readonly threads: number; readonly into: string },
): readonly string[] {
  const { rows, affected, latencies } = totals;
  const perSecond = seconds > 0 ? rows / seconds : 0;
  const lines = [
    '',
    `Spent ${seconds.toFixed(2)} seconds to insert rows: ${rows}, affected rows: ${affected} with ${threads} thread(s) ` +
      `into ${into}. ${perSecond.toFixed(2)} records/second`,
  ];
  if (latencies.count === 0) return lines;
  const at = (share: number): string => `${latencies.percentile(share).toFixed(2)}ms`;
  return [
    ...lines,
    '',
    `insert delay, avg: ${latencies.meanMs.toFixed(2)}ms, max: ${latencies.mostMs.toFixed(2)}ms, min: ` +
      `${latencies.leastMs.toFixed(2)}ms`,
    `insert delay, p50: ${at(0.5)}, p90: ${at(0.9)}, p95: ${at(0.95)}, p99: ${at(0.99)} of ${latencies.count} requests`,
    '',
  ];
}
