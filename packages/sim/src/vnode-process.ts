/**
 * A vnode without its engine: log, tables, memory, files and compaction as they are, called in the engine's order, but
 * with virtual time. A read goes over all tables, as queries do.
 */
import { silentLogger, type FileSystem, type Random } from '@tdnode/common';
import {
  foundReplica,
  type Config,
  type ConfigChange,
  type Replica,
  type ReplicaId,
} from '@tdnode/sync';
import { CrashError } from '@tdnode/testkit';
import { Vnode, VnodeScan, runWrites, type VnodeWrite } from '@tdnode/vnode';
import { RECORD_HEADER_BYTES, recordBytes } from '@tdnode/wal';
import type { Operation } from './history.ts';
import {
  METERS,
  VALUE_COLUMN,
  createTable,
  deleteRow,
  dropTable,
  insertRow,
  metersConfig,
  uidOf,
} from './meters.ts';
import {
  FIRST_MASTER,
  SEGMENT_BYTES,
  type Contents,
  type ProcessServices,
  type SimProcess,
} from './process.ts';

const FOLDER = '/vnode2';
/** MiB of a block of memory: few rows fill it, or none ever do. */
const CACHES_MIB = [0.002, 0.01, 16] as const;
/** Steps of background work that writes wait for when memory is full. */
const RELIEF_STEPS = 100;

/** The folder of a new member. */
export function foundVnode(fs: FileSystem, _id: ReplicaId, config: Config): void {
  for (const name of ['wal', 'meta', 'tsdb']) fs.makeFolder(`${FOLDER}/${name}`);
  foundReplica(fs, FOLDER, config, 0);
}

/** See the head of this file. */
export class VnodeProcess implements SimProcess {
  readonly #vnode: Vnode;
  readonly #random: Random;
  readonly #acknowledged: (operation: Operation) => void;
  /** Writes under way, and whose they are. */
  readonly #operations = new Map<VnodeWrite, Operation>();
  readonly #now: () => number;

  constructor(services: ProcessServices) {
    const { id, fs, clock, random, send, createCore, style, hasArbitrator } = services;
    this.#random = random;
    this.#acknowledged = services.acknowledged;
    this.#now = () => clock.monotonic();
    const { quorum, durability } = style;
    const options = {
      quorum: quorum === 'majority' ? 2 : quorum,
      update: 1,
      cache: CACHES_MIB[Math.floor(random.next() * CACHES_MIB.length)]!,
      ...(durability === 'synced' ? { walLevel: 2, fsync: 0 } : { walLevel: 1 }),
    };
    const first = { dnodeId: FIRST_MASTER, endPoint: 'h1:6030' };
    const config = metersConfig(options, random.next() < 0.5 ? [first] : []);
    const replication = {
      dnodeId: id,
      random,
      hasArbitrator,
      send: (_: number, to: ReplicaId, parts: readonly Uint8Array[]) => send(to, parts),
      createCore,
      onRole: () => {},
      onRebuilt: () => {},
    };
    const logger = silentLogger;
    this.#vnode = Vnode.open(
      { fs, clock, logger, segmentBytes: SEGMENT_BYTES, replication },
      FOLDER,
      config,
    );
  }

  get replica(): Replica {
    return this.#vnode.replica!;
  }

  get filesVersion(): number {
    return this.#vnode.store.committedVersion;
  }

  get isServing(): boolean {
    return this.#vnode.readiness(undefined) === 'ready';
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
    this.#work();
    this.#settle();
  }

  write(operations: readonly Operation[]): void {
    const vnode = this.#vnode;
    for (const operation of operations) operation.state = 'refused';
    if (!this.#makeRoom()) return;
    const writes = this.#writesFor(operations);
    try {
      runWrites(vnode, writes);
    } catch (error) {
      for (const write of writes) write.error ??= error;
      throw error;
    } finally {
      this.#noteWrites(writes);
    }
    this.#work();
    this.#settle();
  }

  commitFiles(): void {
    this.#tolerant(() => this.#vnode.flush());
  }

  contents(): Contents {
    const scan = new VnodeScan(this.#vnode);
    const tables = [...scan.childTables(METERS)].toSorted((a, b) => a.uid - b.uid);
    const entries: (readonly [value: number, place: number])[] = [];
    const rest: string[] = [];
    for (const table of tables) {
      const range = { from: -Infinity, to: Infinity, descending: false };
      const cursor = scan.open(table, { colIds: [VALUE_COLUMN], ...range });
      for (let block = cursor.next(); block !== undefined; block = cursor.next()) {
        const column = block.column(0);
        if (column.kind !== 'f64') throw new Error('a column of doubles');
        for (let i = 0; i < block.rows; i++) entries.push([column.data[i]!, table.uid]);
      }
      cursor.close();
      rest.push(`${table.uid} ${table.name} ${String(table.tag(1))}`);
    }
    return { entries, rest: rest.join() };
  }

  #noteWrites(writes: readonly VnodeWrite[]): void {
    for (const write of writes) {
      write.isPosted = true;
      const operation = this.#operations.get(write);
      if (operation === undefined) continue;
      operation.version = write.version;
      operation.place = uidOf(operation.value);
      if (write.version > 0) operation.state = 'unknown';
      if (!write.isWaiting) this.#answer(write);
    }
  }

  /** The writes that operations need: a table that is not there is made first. */
  #writesFor(operations: readonly Operation[]): VnodeWrite[] {
    const writes: VnodeWrite[] = [];
    const made = new Set<number>();
    for (const operation of operations) {
      const { value, removes, clearsPlace } = operation;
      const uid = uidOf(value);
      if (removes === 0 && !made.has(uid) && this.#vnode.meta.tables.find(uid) === 0) {
        made.add(uid);
        writes.push(asWrite('change', createTable(uid)));
      }
      const removal = clearsPlace ? dropTable : deleteRow;
      const write =
        removes === 0 ? asWrite('submit', insertRow(value)) : asWrite('change', removal(removes));
      this.#operations.set(write, operation);
      writes.push(write);
    }
    return writes;
  }

  /** As the engine does: full memory makes writes wait for files, and refuses them if that does not help. */
  #makeRoom(): boolean {
    const vnode = this.#vnode;
    if (vnode.isFull) this.#tolerant(() => vnode.tick());
    for (let i = 0; i < RELIEF_STEPS && vnode.isFull; i++)
      if (vnode.runSlice(this.#now()) === 'idle') break;
    return !vnode.isOverfull;
  }

  /** What is due, and a step or two of what goes on behind. */
  #work(): void {
    const vnode = this.#vnode;
    this.#tolerant(() => vnode.tick());
    for (let steps = Math.floor(this.#random.next() * 4); steps > 0 && vnode.hasWork; steps--)
      vnode.runSlice(this.#now());
  }

  /** A disk that fails keeps the vnode from files, for a while; the engine logs that. */
  #tolerant(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof CrashError) throw error;
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }

  #settle(): void {
    for (const write of this.#vnode.waiting.takeSettled()) this.#answer(write);
  }

  #answer(write: VnodeWrite): void {
    const operation = this.#operations.get(write);
    this.#operations.delete(write);
    if (operation !== undefined && write.error === undefined) this.#acknowledged(operation);
  }
}

/** A payload as it stands in a vnode's mailbox. */
function asWrite(kind: VnodeWrite['kind'], payload: Uint8Array): VnodeWrite {
  const bytes = new Uint8Array(recordBytes(payload.length));
  bytes.set(payload, RECORD_HEADER_BYTES);
  const state = { version: 0, error: undefined, isWaiting: false, isPosted: false };
  return { kind, bytes, at: 0, length: payload.length, ...state, flush: 0, index: 0 };
}
