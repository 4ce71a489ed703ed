/**
 * One simulated host with one replica: its disk, its process, and the side of it that answers clients. A crash
 * takes the process and, if the power goes, what was not synced; a start makes a new process on what is left.
 */
import {
  ByteWriter,
  TaosError,
  silentLogger,
  type Clock,
  type FileSystem,
  type Random,
} from '@tdnode/common';
import { Replica, type Config, type Core, type ReplicaId } from '@tdnode/sync';
import { CrashError, FaultyFileSystem, MemoryFileSystem } from '@tdnode/testkit';
import { RECORD_HEADER_BYTES, recordBytes } from '@tdnode/wal';
import type { History, Operation } from './history.ts';
import { LIST_RECORD, ListMachine } from './list-machine.ts';
import { plantedCore, plantedFileSystem, wrapped, type Plant } from './plants.ts';
import { tracedCore, type Trace } from './trace.ts';

/** What all replicas of a group have in common. */
export interface GroupOptions {
  readonly config: Config;
  readonly quorum: number | 'majority';
  readonly applyOn: 'persisted' | 'committed';
  readonly durability: 'written' | 'synced';
  readonly plant: Plant | undefined;
}

/** What a host stands on. */
export interface NodeServices {
  readonly clock: Clock;
  readonly random: Random;
  readonly history: History;
  readonly send: (from: ReplicaId, to: ReplicaId, parts: readonly Uint8Array[]) => void;
  readonly trace: Trace | undefined;
}

const FOLDER = '/vnode';
const VG_ID = 2;

/** See the head of this file. */
export class SimNode {
  readonly id: ReplicaId;
  readonly #services: NodeServices;
  readonly #group: GroupOptions;
  #disk = new MemoryFileSystem();
  #faulty = new FaultyFileSystem(this.#disk);
  /** The process; undefined while it is down. */
  replica: Replica | undefined;
  machine: ListMachine | undefined;
  /** Whether this process has been master. */
  wasMaster = false;
  #waiting: { readonly version: number; readonly operation: Operation }[] = [];
  #hasVoted = false;
  crashes = 0;
  /** Counted by how often it began. */
  starts = 0;

  constructor(id: ReplicaId, services: NodeServices, group: GroupOptions) {
    this.id = id;
    this.#services = services;
    this.#group = group;
    this.#disk.makeFolder(`${FOLDER}/wal`);
    this.#disk.syncAll();
  }

  get #isPowerCut(): boolean {
    return this.#group.durability === 'synced';
  }

  get isUp(): boolean {
    return this.replica !== undefined;
  }

  /** Starts the process; it may crash while it does. */
  start(): void {
    this.starts++;
    this.wasMaster = false;
    this.#alive(() => {
      const { clock, random, history, send } = this.#services;
      const fs: FileSystem = plantedFileSystem(this.#faulty, this.#group.plant);
      this.machine = new ListMachine(fs, FOLDER, {
        onRole: (role, term) => {
          if (role !== 'master') return;
          this.wasMaster = true;
          history.mastered(this.id, term);
        },
        acknowledge: (upTo) => this.#acknowledge(upTo),
        reject: () => this.#forgetClients(),
        happened: (what) => history.counts[what]++,
      });
      const replica = Replica.open(
        {
          fs,
          clock,
          random,
          logger: silentLogger,
          machine: this.machine,
          send: (to, parts) => send(this.id, to, parts),
          createCore: (start, options) =>
            this.#core(plantedCore(start, options, this.#group.plant)),
        },
        {
          ...this.#group,
          id: this.id,
          vgId: VG_ID,
          folder: FOLDER,
          segmentBytes: 1024,
          appendBytesMax: 512,
          inFlightBytesMax: 4096,
        },
      );
      this.replica = replica;
      replica.start();
    });
  }

  /** Whether this replica has voted for another since the last time. */
  takeVoted(): boolean {
    const hasVoted = this.#hasVoted;
    this.#hasVoted = false;
    return hasVoted;
  }

  #core(plain: Core): Core {
    const core = wrapped(plain, (output) => {
      this.#hasVoted ||= output.messages.some(
        (message) => message.kind === 'voteAck' && message.isGranted && !message.isPreVote,
      );
      return output;
    });
    const { trace, clock } = this.#services;
    if (trace === undefined) return core;
    return tracedCore(
      core,
      () => `${Math.round(clock.monotonic())} [${this.id}.${this.starts}]`,
      trace,
    );
  }

  /** The process ends here; with the power, so does what was not synced. */
  crash(isPowerCut: boolean): void {
    if (this.replica === undefined && !this.#faulty.crashed) return;
    const { random } = this.#services;
    const luck = random.next();
    const fate = !isPowerCut ? 'keep' : luck < 0.5 ? 'random' : 'drop';
    this.#services.trace?.(`${this.id} crashes, power cut: ${isPowerCut}, ${fate}`);
    this.#disk = this.#disk.crash({ data: fate, names: fate, random });
    this.#faulty = new FaultyFileSystem(this.#disk);
    this.replica = undefined;
    this.machine = undefined;
    this.crashes++;
    this.#forgetClients();
  }

  /** The process dies `operations` changes of the disk from now. */
  crashAfter(operations: number): void {
    this.#faulty.stopAfter(operations);
  }

  /** The disk is full for the next writes of the log. */
  fillDisk(times: number): void {
    this.#faulty.fail({
      operation: 'write',
      code: 'ENOSPC',
      pathPart: '.log',
      times,
      shortBytes: 20,
    });
  }

  /** The next fsync of the log fails: what is on the disk then is anybody's guess. */
  failSync(): void {
    this.#faulty.fail({ operation: 'sync', code: 'EIO', pathPart: '.log' });
  }

  /** All is well with the disk. */
  heal(): void {
    this.#faulty.heal();
  }

  /** Something happens in the process; afterwards its turn is over, or its next one is as well. */
  act(work: (replica: Replica) => void, endsTurn: boolean): void {
    this.#alive(() => {
      const { replica } = this;
      if (replica === undefined) return;
      work(replica);
      if (endsTurn) replica.persist();
    });
  }

  /** A client's writes, one batch. */
  write(operations: readonly Operation[]): void {
    this.act((replica) => {
      for (const operation of operations) operation.state = 'refused';
      replica.beginBatch();
      for (const operation of operations) {
        const { bytes, length } = encodeValue(operation.value, operation.size);
        const version = replica.add(bytes, 0, length, LIST_RECORD);
        operation.version = version;
        operation.state = 'unknown';
      }
      try {
        replica.writeBatch();
      } catch (error) {
        if (error instanceof TaosError) for (const one of operations) one.state = 'refused';
        throw error;
      }
      for (const operation of operations) {
        this.#waiting.push({ version: operation.version, operation });
        operation.term = replica.term;
        if (this.#group.applyOn === 'persisted')
          this.machine!.values.set(operation.version, operation.value);
      }
    }, this.#services.random.next() < 0.7);
  }

  /** Files are made of what may go into them, and the log is cut. */
  commitFiles(): void {
    this.act((replica) => {
      const version = Math.min(replica.commit, replica.applied);
      if (version <= this.machine!.filesVersion) return;
      replica.noteFiles(version);
      this.machine!.commit(version);
      replica.dropLog();
    }, false);
  }

  #acknowledge(upTo: number): void {
    const done = this.#waiting.filter(({ version }) => version <= upTo);
    this.#waiting = this.#waiting.filter(({ version }) => version > upTo);
    for (const { operation } of done) this.#services.history.acknowledged(operation, this.id);
  }

  #forgetClients(): void {
    this.#waiting = [];
  }

  /** Runs `work`; a dead disk ends the process, refusals are the clients' business. */
  #alive(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#services.trace?.(`${this.id} ${String(error)}`);
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (error instanceof CrashError || code === 'EIO') this.crash(this.#isPowerCut);
      else if (!(error instanceof TaosError) && code !== 'ENOSPC') throw error;
    }
    // Whoever has a replica that has ended opens it anew.
    if (this.replica?.failure !== undefined || this.#faulty.crashed) this.crash(this.#isPowerCut);
  }
}

function encodeValue(value: number, size: number): { bytes: Uint8Array; length: number } {
  const writer = new ByteWriter(64);
  writer.f64(value);
  const length = Math.max(8, size);
  const bytes = new Uint8Array(recordBytes(length));
  bytes.set(writer.view(), RECORD_HEADER_BYTES);
  return { bytes, length };
}
