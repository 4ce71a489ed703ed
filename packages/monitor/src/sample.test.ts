/** Aim: two readings become rates and shares in 2.1.2's units. Method: round numbers. */
import { expect, test } from 'vitest';
import type { HostCounters } from './host-counters.ts';
import { sampleOf } from './sample.ts';

const GIB = 1024 ** 3;
const before: HostCounters = {
  processTicks: 100,
  totalTicks: 1000,
  busyTicks: 400,
  cores: 4,
  processMemoryBytes: 0,
  memoryTotalBytes: 8 * GIB,
  memoryAvailableBytes: 6 * GIB,
  diskTotalBytes: 100 * GIB,
  diskFreeBytes: 75 * GIB,
  networkBytes: 0,
  readBytes: 0,
  writtenBytes: 0,
};
const requests = { http: 7, select: 2, insert: 4 };

test('shares of the host, amounts, and rates a second', () => {
  const now: HostCounters = {
    ...before,
    processTicks: 150,
    totalTicks: 1200,
    busyTicks: 500,
    processMemoryBytes: GIB / 2,
    networkBytes: 1_250_000,
    readBytes: 20 * 1024,
    writtenBytes: 40 * 1024,
  };
  expect(sampleOf(before, now, { seconds: 10, requests })).toEqual({
    cpuTaosd: 25,
    cpuSystem: 50,
    cpuCores: 4,
    memTaosd: 512,
    memSystem: 2048,
    memTotal: 8192,
    diskUsed: 25,
    diskTotal: 100,
    bandSpeed: 1,
    ioRead: 2,
    ioWrite: 4,
    reqHttp: 7,
    reqSelect: 2,
    reqInsert: 4,
  });
});

test('no time between them: nothing is divided by zero', () => {
  const sample = sampleOf(before, before, { seconds: 0, requests });
  expect([sample.cpuTaosd, sample.cpuSystem, sample.bandSpeed]).toEqual([0, 0, 0]);
});
