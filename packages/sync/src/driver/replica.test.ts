/**
 * The driver alone and in a pair over a wire made of arrays: what is written and synced when, and what is sent
 * before what. Faults are the business of the simulation (package sim).
 */
import { expect, test } from 'vitest';
import { TaosError, seededRandom, silentLogger } from '@tdnode/common';
import {
  FaultyFileSystem,
  ManualClock,
  MemoryFileSystem,
  assertNothingOpen,
} from '@tdnode/testkit';
import { RECORD_HEADER_BYTES, recordBytes, type LogRecord } from '@tdnode/wal';
import { NOBODY, type ReplicaId } from '../core/types.ts';
import type { ReplicaOptions } from './replica-services.ts';
import { Replica } from './replica.ts';
import type { StateMachine } from './state-machine.ts';

class Machine implements StateMachine {
  readonly filesVersion = 0;
  readonly stagingFolder = '/restore';
  readonly applied: number[] = [];
  readonly events: string[] = [];
  acknowledged = 0;

  apply(records: readonly LogRecord[]): void {
    for (const { payload } of records) this.applied.push(payload[0]!);
  }
  rollback(toVersion: number, records: Iterable<LogRecord>): void {
    this.events.push(`rollback ${toVersion}`);
    this.applied.length = 0;
    this.apply([...records]);
  }
  onRole(role: string, term: number): void {
    this.events.push(`${role} ${term}`);
  }
  acknowledge(upTo: number): void {
    this.acknowledged = upTo;
  }
  reject(): void {
    this.events.push('reject');
  }
  openSnapshot(): never {
    throw new Error('no files');
  }
  install(): never {
    throw new Error('no files');
  }
}

type Sent = { readonly to: ReplicaId; readonly frame: Uint8Array<ArrayBuffer> };

class Host {
  readonly disk = new MemoryFileSystem();
  readonly fs = new FaultyFileSystem(this.disk);
  readonly machine = new Machine();
  readonly sent: Sent[] = [];
  readonly replica: Replica;

  constructor(id: ReplicaId, options: Partial<ReplicaOptions> = {}) {
    this.disk.makeFolder('/wal');
    this.replica = Replica.open(
      {
        fs: this.fs,
        clock: new ManualClock(),
        random: seededRandom(id),
        logger: silentLogger,
        machine: this.machine,
        send: (to, parts) =>
          this.sent.push({ to, frame: Uint8Array.from(parts.flatMap((p) => [...p])) }),
      },
      {
        id,
        vgId: 2,
        folder: '/',
        config: { voters: [1], learners: [], arbitrator: false },
        quorum: 1,
        applyOn: 'persisted',
        durability: 'synced',
        ...options,
      },
    );
    this.replica.start();
  }

  write(...values: number[]): void {
    const step = recordBytes(8);
    const bytes = new Uint8Array(step * values.length);
    this.replica.beginBatch();
    values.forEach((value, i) => {
      bytes[i * step + RECORD_HEADER_BYTES] = value;
      this.replica.add(bytes, i * step, 8, 1);
    });
    this.replica.writeBatch();
  }
}

/** Delivers until nobody says anything more. */
function talk(hosts: readonly Host[]): void {
  for (let isQuiet = false; !isQuiet;) {
    isQuiet = true;
    for (const host of hosts) {
      for (const { to, frame } of host.sent.splice(0)) {
        isQuiet = false;
        hosts[to - 1]?.replica.receive(frame);
      }
    }
    for (const { replica } of hosts) replica.persist();
  }
}

function pair(options: Partial<ReplicaOptions> = {}): [Host, Host] {
  const config = { voters: [1, 2], learners: [], arbitrator: false };
  const hosts: [Host, Host] = [
    new Host(1, { config, quorum: 2, ...options }),
    new Host(2, { config, quorum: 2, ...options }),
  ];
  for (let i = 0; i < 100 && hosts.every(({ replica }) => replica.role !== 'master'); i++) {
    hosts[0].replica.tick();
    talk(hosts);
  }
  expect(hosts[0].replica.role).toBe('master');
  return hosts;
}

test('alone: master at once; a turn is one write for a batch and one sync', () => {
  const host = new Host(1);
  expect(host.replica.role).toBe('master');
  const before = host.fs.operations;
  host.write(1, 2, 3);
  host.write(4);
  expect(host.machine.acknowledged).toBeLessThan(host.replica.lastVersion);
  host.replica.persist();
  expect(host.fs.operations - before).toBe(3);
  expect(host.machine.acknowledged).toBe(host.replica.lastVersion);
  expect(host.sent).toEqual([]);
  host.replica.close();
  assertNothingOpen(host.disk);
});

test('a write is sent before it is synced, and answered when the other has it', () => {
  const [master, slave] = pair();
  const before = master.fs.operations;
  master.write(7);
  expect(master.fs.operations - before).toBe(1);
  expect(master.sent).toHaveLength(1);
  const version = master.replica.lastVersion;
  master.replica.persist();
  expect(master.machine.acknowledged).toBeLessThan(version);
  talk([master, slave]);
  expect(master.machine.acknowledged).toBe(version);
  for (let i = 0; i < 4; i++) master.replica.tick();
  talk([master, slave]);
  expect(slave.machine.applied).toEqual([7]);
});

test('a slave says nothing of what it has not persisted', () => {
  const [master, slave] = pair();
  master.write(7);
  for (const { frame } of master.sent.splice(0)) slave.replica.receive(frame);
  expect(slave.sent).toEqual([]);
  slave.replica.persist();
  expect(slave.sent).toHaveLength(1);
});

test('a frame with a flipped bit is dropped, and the entry comes again', () => {
  const [master, slave] = pair();
  master.write(7);
  const { frame } = master.sent.splice(0)[0]!;
  const last = slave.replica.lastVersion;
  for (let at = frame.length - recordBytes(8); at < frame.length; at++) {
    const damaged = new Uint8Array(frame);
    damaged[at]! ^= 16;
    slave.replica.receive(damaged);
    expect(slave.replica.lastVersion).toBe(last);
  }
  for (let i = 0; i < 20; i++) {
    master.replica.tick();
    talk([master, slave]);
  }
  expect(slave.replica.lastVersion).toBe(master.replica.lastVersion);
});

test('who is not master takes no writes and says who is', () => {
  const [, slave] = pair();
  expect(() => slave.write(1)).toThrow(TaosError);
  expect(slave.replica.refusal()).toEqual({ reason: 'notMaster', master: 1 });
});

test('a full disk refuses the batch; the next one goes through', () => {
  const host = new Host(1);
  const last = host.replica.lastVersion;
  host.fs.fail({ operation: 'write', code: 'ENOSPC', shortBytes: 5 });
  expect(() => host.write(1)).toThrow(TaosError);
  expect(host.replica.lastVersion).toBe(last);
  expect(host.replica.failure).toBeUndefined();
});

test('who becomes master shows all of its log at once, even when it cannot write', () => {
  const [master, slave] = pair();
  master.write(7);
  for (const { frame } of master.sent.splice(0)) slave.replica.receive(frame);
  for (const { replica } of [master, slave]) replica.persist();
  for (const { frame } of slave.sent.splice(0)) master.replica.receive(frame);
  master.sent.length = 0;
  expect(master.machine.acknowledged).toBe(master.replica.lastVersion);
  expect(slave.machine.applied).toEqual([]);
  slave.fs.fail({ operation: 'write', code: 'ENOSPC', times: 1000, pathPart: '.log' });
  expect(master.replica.transfer(2)).toBeUndefined();
  talk([master, slave]);
  expect(slave.replica.role).toBe('master');
  expect(slave.machine.applied).toEqual([7]);
});

test('a failed sync ends the replica, and nothing more leaves', () => {
  const [master] = pair();
  master.write(1);
  master.sent.length = 0;
  const { acknowledged } = master.machine;
  master.fs.fail({ operation: 'sync', code: 'EIO' });
  expect(() => master.replica.persist()).toThrow(TaosError);
  expect(master.replica.failure).toBeInstanceOf(TaosError);
  master.replica.tick();
  expect(master.sent).toEqual([]);
  expect(master.machine.acknowledged).toBe(acknowledged);
  expect(() => master.write(2)).toThrow(TaosError);
});

test('a vote is on the disk before it is sent', () => {
  const [master, slave] = pair();
  expect(master.replica.master).not.toBe(NOBODY);
  const { term } = slave.replica;
  slave.fs.fail({ operation: 'rename', code: 'EIO' });
  expect(() => {
    for (let i = 0; i < 100; i++) slave.replica.tick();
    for (const { frame } of slave.sent.splice(0)) master.replica.receive(frame);
    for (let i = 0; i < 100; i++) master.replica.tick();
    talk([master, slave]);
    for (let i = 0; i < 100; i++) slave.replica.tick();
    talk([master, slave]);
  }).toThrow('EIO');
  expect(slave.replica.failure).toBeDefined();
  expect(
    slave.sent.every(({ frame }) => new DataView(frame.buffer).getFloat64(16, true) <= term + 1),
  ).toBe(true);
});
