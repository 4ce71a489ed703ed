/**
 * What Linux says of this process and its host (proc(5)): counters that only grow, and amounts. Parsing is apart from reading;
 * what the difference of two readings means is `sample.ts`'s.
 */
import { readFile, statfs } from 'node:fs/promises';
import { cpus } from 'node:os';

/** One reading; bytes and clock ticks. */
export interface HostCounters {
  /** Ticks of this process, user and system. */
  readonly processTicks: number;
  /** Ticks of all CPUs, and those of them that were not idle. */
  readonly totalTicks: number;
  readonly busyTicks: number;
  readonly cores: number;
  readonly processMemoryBytes: number;
  readonly memoryTotalBytes: number;
  readonly memoryAvailableBytes: number;
  readonly diskTotalBytes: number;
  readonly diskFreeBytes: number;
  /** Through all interfaces but loopback, both ways. */
  readonly networkBytes: number;
  /** By this process, from and to storage. */
  readonly readBytes: number;
  readonly writtenBytes: number;
}

const KIB = 1024;

/** Reads all counters. `dataDir` names the file system that counts. */
export async function readHostCounters(dataDir: string): Promise<HostCounters> {
  const [stat, processStat, processStatus, memory, network, io, disk] = await Promise.all([
    readFile('/proc/stat', 'utf8'),
    readFile('/proc/self/stat', 'utf8'),
    readFile('/proc/self/status', 'utf8'),
    readFile('/proc/meminfo', 'utf8'),
    readFile('/proc/net/dev', 'utf8'),
    // A container may forbid it: then nothing is known of this process's reading and writing.
    readFile('/proc/self/io', 'utf8').catch(() => ''),
    statfs(dataDir),
  ]);
  return {
    ...parseCpuTicks(stat),
    processTicks: parseProcessTicks(processStat),
    cores: cpus().length,
    processMemoryBytes: field(processStatus, 'VmRSS') * KIB,
    memoryTotalBytes: field(memory, 'MemTotal') * KIB,
    memoryAvailableBytes: field(memory, 'MemAvailable') * KIB,
    diskTotalBytes: disk.blocks * disk.bsize,
    diskFreeBytes: disk.bavail * disk.bsize,
    networkBytes: parseNetworkBytes(network),
    readBytes: field(io, 'read_bytes'),
    writtenBytes: field(io, 'write_bytes'),
  };
}

/** The number behind `name:` at the begin of a line; 0 without one. */
export function field(text: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text);
  return match === null ? 0 : Number(match[1]);
}

/** The first line of /proc/stat: user nice system idle iowait irq softirq steal … */
export function parseCpuTicks(stat: string): { totalTicks: number; busyTicks: number } {
  const IDLE = 3;
  const IOWAIT = 4;
  const GUEST = 8; // from here on: counted in user and nice already
  const ticks = stat
    .slice(0, stat.indexOf('\n'))
    .trim()
    .split(/\s+/)
    .slice(1, GUEST + 1)
    .map(Number);
  const totalTicks = ticks.reduce((sum, n) => sum + n, 0);
  return { totalTicks, busyTicks: totalTicks - (ticks[IDLE] ?? 0) - (ticks[IOWAIT] ?? 0) };
}

/** Fields 14 and 15 of /proc/self/stat; the name in field 2 may have blanks and brackets. */
export function parseProcessTicks(stat: string): number {
  const UTIME = 11; // counted behind the name
  const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(words[UTIME]) + Number(words[UTIME + 1]);
}

/** The received (1st) and sent (9th) bytes of each interface but loopback. */
export function parseNetworkBytes(text: string): number {
  const SENT = 8;
  let bytes = 0;
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0 || line.slice(0, colon).trim() === 'lo') continue;
    const words = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/);
    bytes += Number(words[0]) + Number(words[SENT]);
  }
  return bytes;
}
