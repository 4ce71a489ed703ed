/** Aim: /proc is read as Linux writes it. Method: texts of real hosts, then this host. */
import { expect, test } from 'vitest';
import {
  field,
  parseCpuTicks,
  parseNetworkBytes,
  parseProcessTicks,
  readHostCounters,
} from './host-counters.ts';

test('all CPUs: idle and waiting are not busy, guests are not counted twice', () => {
  const stat = 'cpu  100 20 30 800 50 1 2 3 40 0\ncpu0 1 2 3 4\n';
  expect(parseCpuTicks(stat)).toEqual({ totalTicks: 1006, busyTicks: 156 });
});

test('this process: a name with blanks and brackets does not shift the fields', () => {
  const stat = '42 (a (b) c) S 1 42 42 0 -1 4194560 1000 0 0 0 77 33 0 0 20 0 11 0 500 1 2';
  expect(parseProcessTicks(stat)).toBe(110);
});

test('network: received and sent bytes of all interfaces but loopback', () => {
  const text = [
    'Inter-|   Receive                            |  Transmit',
    ' face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed',
    '    lo: 900 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0',
    '  eth0: 100 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0',
    'wlan0:3 1 0 0 0 0 0 0 4 1 0 0 0 0 0 0',
  ].join('\n');
  expect(parseNetworkBytes(text)).toBe(127);
});

test('fields by name; 0 where there is none', () => {
  expect(field('VmPeak:\t 9 kB\nVmRSS:\t   512 kB\n', 'VmRSS')).toBe(512);
  expect(field('', 'read_bytes')).toBe(0);
});

test('this host has a memory, a disk and a process', async () => {
  const counters = await readHostCounters('/');
  expect(counters.cores).toBeGreaterThan(0);
  expect(counters.processMemoryBytes).toBeGreaterThan(1e6);
  expect(counters.memoryTotalBytes).toBeGreaterThan(counters.memoryAvailableBytes);
  expect(counters.diskTotalBytes).toBeGreaterThan(counters.diskFreeBytes);
  expect(counters.totalTicks).toBeGreaterThan(counters.busyTicks);
});
