/**
 * The metadata store of an mnode: log, state and checkpoints as they are. Clients make and drop users, one change each;
 * checkpoints come as on an mnode, with a record that says that vnodes know everything.
 */
import { crc32 } from 'node:zlib';
import { silentLogger, type FileSystem } from '@tdnode/common';
import { Sdb, encodeCheckpoint, type SdbRecord } from '@tdnode/mnode';
import type { MemberChange } from '@tdnode/rpc';
import {
  foundReplica,
  type Config,
  type ConfigChange,
  type Replica,
  type ReplicaId,
} from '@tdnode/sync';
import type { Operation } from './history.ts';
import { SEGMENT_BYTES, type Contents, type ProcessServices, type SimProcess } from './process.ts';

const FOLDER = '/mnode';

/** The folder of a new member. */
export function foundMnode(fs: FileSystem, _id: ReplicaId, config: Config): void {
  fs.makeFolder(`${FOLDER}/wal`);
  foundReplica(fs, FOLDER, config, 0);
}

/** See the head of this file. */
export class MnodeProcess implements SimProcess {
  readonly #sdb: Sdb;
  readonly #acknowledged: (operation: Operation) => void;
  /** Ends of turns that are due. */
  #due: (() => void)[] = [];

  constructor(services: ProcessServices) {
    const { id, fs, clock, random, send, createCore, hasArbitrator } = services;
    this.#acknowledged = services.acknowledged;
    this.#sdb = new Sdb({
      fs,
      dir: FOLDER,
      clock,
      logger: silentLogger,
      dnodeId: id,
      replication: {
        random,
        send,
        createCore,
        hasArbitrator,
        soon: (work) => void this.#due.push(work),
        segmentBytes: SEGMENT_BYTES,
      },
    });
  }

  get replica(): Replica {
    return this.#sdb.replica;
  }

  get filesVersion(): number {
    return this.#sdb.checkpointVersion;
  }

  get isServing(): boolean {
    return this.#sdb.isMaster;
  }

  receive(frame: Uint8Array<ArrayBuffer>): void {
    this.#sdb.receive(frame);
  }

  tick(): void {
    this.#sdb.tick();
  }

  peerLost(peer: ReplicaId): void {
    this.#sdb.peerLost(peer);
  }

  change({ kind, ...change }: ConfigChange): void {
    if ('id' in change) this.#ask({ kind, dnodeId: change.id } as MemberChange);
  }

  transfer(to: ReplicaId): void {
    this.#ask({ kind: 'transfer', dnodeId: to });
  }

  endTurn(): void {
    for (const work of this.#due.splice(0)) work();
  }

  write(operations: readonly Operation[]): void {
    for (const operation of operations) {
      const { replica } = this;
      const before = replica.lastVersion;
      operation.state = 'refused';
      const proposed = this.#sdb.propose(recordsFor(operation));
      if (replica.lastVersion > before) operation.state = 'unknown';
      operation.version = replica.lastVersion;
      operation.place = operation.size;
      proposed.then(
        () => this.#acknowledged(operation),
        () => undefined,
      );
    }
  }

  commitFiles(): void {
    this.#sdb.noteTold().catch(() => undefined);
  }

  contents(): Contents {
    const { state } = this.#sdb;
    const entries = Array.from(
      state.users.values(),
      ({ name, created }) => [Number(name), created] as const,
    );
    const rest = crc32(encodeCheckpoint(state, 0)).toString(16);
    return { entries: entries.toSorted((a, b) => a[0] - b[0]), rest };
  }

  #ask(change: MemberChange): void {
    this.#sdb.changeMembers(change).catch(() => undefined);
  }
}

function recordsFor({ value, size, removes }: Operation): SdbRecord[] {
  if (removes > 0) return [{ kind: 'dropUser', name: String(removes) }];
  const user = {
    name: String(value),
    privilege: 'writable' as const,
    salt: new Uint8Array(8).fill(value),
    hash: new Uint8Array(size).fill(value >> 8),
    created: size,
  };
  return [{ kind: 'putUser', user }];
}
