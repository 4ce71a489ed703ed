/** One row of `log.dn`: the difference of two readings of a host, in 2.1.2's columns and units. */
import type { HostCounters } from './host-counters.ts';

/** Statements that came between two readings. */
export interface RequestCounts {
  readonly http: number;
  readonly select: number;
  readonly insert: number;
}

/** The columns of `log.dn` behind `ts`, in their order. */
export interface DnodeSample {
  /** Percent of the whole host. */
  readonly cpuTaosd: number;
  readonly cpuSystem: number;
  readonly cpuCores: number;
  /** MiB. */
  readonly memTaosd: number;
  readonly memSystem: number;
  readonly memTotal: number;
  /** GiB of the file system of `dataDir`. */
  readonly diskUsed: number;
  readonly diskTotal: number;
  /** Mbit/s. */
  readonly bandSpeed: number;
  /** KiB/s. */
  readonly ioRead: number;
  readonly ioWrite: number;
  readonly reqHttp: number;
  readonly reqSelect: number;
  readonly reqInsert: number;
}

const KIB = 1024;
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const MBIT_BYTES = 125_000;
const PERCENT = 100;

/** What happened between two readings that are `seconds` apart. */
export function sampleOf(
  before: HostCounters,
  now: HostCounters,
  { seconds, requests }: { readonly seconds: number; readonly requests: RequestCounts },
): DnodeSample {
  const ticks = now.totalTicks - before.totalTicks;
  const share = (part: number): number => (ticks <= 0 ? 0 : (PERCENT * part) / ticks);
  const rate = (bytes: number, unit: number): number => (seconds <= 0 ? 0 : bytes / unit / seconds);
  return {
    cpuTaosd: share(now.processTicks - before.processTicks),
    cpuSystem: share(now.busyTicks - before.busyTicks),
    cpuCores: now.cores,
    memTaosd: now.processMemoryBytes / MIB,
    memSystem: (now.memoryTotalBytes - now.memoryAvailableBytes) / MIB,
    memTotal: Math.round(now.memoryTotalBytes / MIB),
    diskUsed: (now.diskTotalBytes - now.diskFreeBytes) / GIB,
    diskTotal: Math.round(now.diskTotalBytes / GIB),
    bandSpeed: rate(now.networkBytes - before.networkBytes, MBIT_BYTES),
    ioRead: rate(now.readBytes - before.readBytes, KIB),
    ioWrite: rate(now.writtenBytes - before.writtenBytes, KIB),
    reqHttp: requests.http,
    reqSelect: requests.select,
    reqInsert: requests.insert,
  };
}
