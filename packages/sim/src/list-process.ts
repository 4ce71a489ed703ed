/** The smallest process: a replica that drives a list. */
import { ByteWriter, TaosError, silentLogger, type FileSystem } from '@tdnode/common';
import {
  Replica,
  foundReplica,
  type Config,
  type ConfigChange,
  type ReplicaId,
} from '@tdnode/sync';
import { RECORD_HEADER_BYTES, recordBytes } from '@tdnode/wal';
import type { Operation } from './history.ts';
import { LIST_RECORD, ListMachine } from './list-machine.ts';
import {
  FIRST_MASTER,
  SEGMENT_BYTES,
  type Contents,
  type ProcessServices,
  type SimProcess,
} from './process.ts';

const FOLDER = '/list';
const VG_ID = 2;

/** The folder of a new member. */
export function foundList(fs: FileSystem, _id: ReplicaId, config: Config): void {
  fs.makeFolder(`${FOLDER}/wal`);
  foundReplica(fs, FOLDER, config, 0);
}

/** See the head of this file. */
export class ListProcess implements SimProcess {
  readonly replica: Replica;
  readonly #machine: ListMachine;
  readonly #services: ProcessServices;
  #waiting: Operation[] = [];

  constructor(services: ProcessServices) {
    const { fs, clock, random, send, createCore, style, id, hasArbitrator } = services;
    this.#services = services;
    this.#machine = new ListMachine(fs, FOLDER, {
      acknowledge: (upTo) => this.#acknowledge(upTo),
      reject: () => (this.#waiting = []),
    });
    this.replica = Replica.open(
      { fs, clock, random, logger: silentLogger, machine: this.#machine, send, createCore },
      {
        ...style,
        id,
        hasArbitrator,
        leadsFirst: id === FIRST_MASTER && random.next() < 0.5,
        vgId: VG_ID,
        folder: FOLDER,
        config: { voters: [id], learners: [], arbitrator: false },
        segmentBytes: SEGMENT_BYTES,
        appendBytesMax: 512,
        inFlightBytesMax: 4096,
      },
    );
    this.replica.start();
  }

  get filesVersion(): number {
    return this.#machine.filesVersion;
  }

  get isServing(): boolean {
    return this.replica.role === 'master' && this.#services.style.applyOn === 'persisted';
  }

  receive(frame: Uint8Array<ArrayBuffer>): void {
    this.replica.receive(frame);
  }

  tick(): void {
    this.replica.tick();
  }

  peerLost(peer: ReplicaId): void {
    this.replica.peerLost(peer);
  }

  change(change: ConfigChange): void {
    this.replica.change(change);
  }

  transfer(to: ReplicaId): void {
    this.replica.transfer(to);
  }

  endTurn(): void {
    this.replica.persist();
  }

  write(operations: readonly Operation[]): void {
    const { replica } = this;
    for (const operation of operations) operation.state = 'refused';
    replica.beginBatch();
    for (const operation of operations) {
      const { bytes, length } = encodeValue(operation.value, operation.size);
      operation.version = replica.add(bytes, 0, length, LIST_RECORD);
      operation.place = operation.version;
      operation.state = 'unknown';
    }
    try {
      replica.writeBatch();
    } catch (error) {
      if (error instanceof TaosError) for (const one of operations) one.state = 'refused';
      throw error;
    }
    for (const operation of operations) {
      this.#waiting.push(operation);
      if (this.#services.style.applyOn === 'persisted')
        this.#machine.values.set(operation.version, operation.value);
    }
  }

  commitFiles(): void {
    const { replica } = this;
    const version = Math.min(replica.commit, replica.applied);
    if (version <= this.#machine.filesVersion) return;
    replica.noteFiles(version);
    this.#machine.commit(version);
    replica.dropLog();
  }

  contents(): Contents {
    const entries = Array.from(
      this.#machine.values,
      ([version, value]) => [value, version] as const,
    );
    return { entries: entries.toSorted((a, b) => a[1] - b[1]), rest: '' };
  }

  #acknowledge(upTo: number): void {
    const done = this.#waiting.filter(({ version }) => version <= upTo);
    this.#waiting = this.#waiting.filter(({ version }) => version > upTo);
    for (const operation of done) this.#services.acknowledged(operation);
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
