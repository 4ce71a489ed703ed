/**
 * The metadata store of one mnode: one replica of vgroup 1. A change is a batch of records that is one record of the
 * log, so that it is there whole or not at all.
 *
 * The master applies a change as soon as it is in its own log, so that whoever judges the state and proposes in one turn
 * sees all that was proposed before; it is answered when a majority has it on disk. What a master applied and
 * could not get agreed upon is taken back before it follows another: state = checkpoint + log, made anew.
 *
 * An mnode that is alone takes the very same path: its log is the majority. Changes of one turn of the event loop share
 * a write to followers and an fsync. A failed append leaves everything as it was; after a failed fsync nothing is
 * accepted any more until a restart, and an mnode that is one of several falls silent.
 */
import {
  CorruptionError,
  systemRandom,
  type Clock,
  type FileSystem,
  type Logger,
} from '@tdnode/common';
import type { MemberChange, VnodeReport } from '@tdnode/rpc';
import { NOBODY, Replica, foundReplica, hasReplica, type Role } from '@tdnode/sync';
import { OWN_TYPES } from '@tdnode/wal';
import { BATCH, BatchEncoder, decodeBatch } from './batch.ts';
import { MemberChanges } from './member-changes.ts';
import type { SdbRecord } from './records.ts';
import { notMaster, refused, undecided } from './refusals.ts';
import {
  ELECTION_TICKS,
  HEARTBEAT_TICKS,
  MNODE_VGID,
  type MnodeReplication,
} from './replication.ts';
import { SdbMachine } from './sdb-machine.ts';
import type { SdbState } from './state.ts';

export interface SdbOptions {
  readonly fs: FileSystem;
  /** The mnode's folder: the checkpoint is in it, the log in its `wal`. */
  readonly dir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** This dnode. */
  readonly dnodeId: number;
  /** Left out: this mnode is the only one. */
  readonly replication?: MnodeReplication;
}

/** A handover that comes to nothing is given up after so many ticks. */
const HANDOVER_TICKS = 3 * ELECTION_TICKS;

export class Sdb {
  /** Called when this mnode became master, or ceased to be. */
  onMaster: (isMaster: boolean) => void = () => {};
  readonly #logger: Logger;
  readonly #dnodeId: number;
  readonly #machine: SdbMachine;
  readonly #replica: Replica;
  readonly #changes: MemberChanges;
  readonly #encoder = new BatchEncoder();
  readonly #soon: (endTurn: () => void) => void;
  /** The term in which this mnode serves as master; undefined: it does not. */
  #servingTerm: number | undefined;
  /** A new master serves when all that its log held is agreed upon. */
  #servesFrom = Infinity;
  #isFlushDue = false;
  #handover: { ticks: number; readonly end: () => void } | undefined;

  /** Reads the checkpoint, opens the log, and, where it is alone, replays it; throws CorruptionError. */
  constructor(options: SdbOptions) {
    const { fs, dir, logger, dnodeId } = options;
    this.#logger = logger;
    this.#dnodeId = dnodeId;
    this.#soon = options.replication?.soon ?? setImmediate;
    makeFolders(options);
    this.#machine = new SdbMachine({
      fs,
      dir,
      onRole: (role) => this.#onRole(role),
      checkpointBytes: options.replication?.checkpointBytes,
    });
    const gone = lostLog(fs, dir, this.#machine.filesVersion);
    if (gone !== undefined) throw gone;
    this.#replica = openReplica(options, this.#machine);
    this.#changes = new MemberChanges(this.#replica);
    this.#replica.start();
    this.#settle();
    const { dbs } = this.state;
    const tail = this.#replica.lastVersion - this.#machine.filesVersion;
    logger.info('SDB', `metadata: ${dbs.size} databases, ${tail} records after the checkpoint`);
  }

  /** Behind it all; to be looked at only. */
  get replica(): Replica {
    return this.#replica;
  }

  /** The last version that the checkpoint on disk holds. */
  get checkpointVersion(): number {
    return this.#machine.filesVersion;
  }

  /** As this mnode has it: the cluster's, while it is master. */
  get state(): SdbState {
    return this.#machine.state;
  }

  /** The last version that was logged. */
  get version(): number {
    return this.#replica.lastVersion;
  }

  /** Whether this mnode is the master and knows everything that was ever acknowledged. */
  get isMaster(): boolean {
    return this.#servingTerm !== undefined;
  }

  /** Whether this is the only mnode, and works. */
  get isAlone(): boolean {
    const { voters, learners } = this.#replica.config.config;
    return this.isMaster && voters.length + learners.length === 1 && this.failure === undefined;
  }

  /** Why it can go on only after it was opened anew; undefined while it works. */
  get failure(): unknown {
    return this.#replica.failure;
  }

  /** End point of the master, when that is another mnode. */
  get masterEndPoint(): string | undefined {
    const { master } = this.#replica;
    if (master === NOBODY || master === this.#dnodeId) return undefined;
    return this.state.dnodes.get(master)?.endPoint;
  }

  /** Throws RedirectError, or 828 where nobody knows a master, unless this mnode is the master. */
  demandMaster(): void {
    if (!this.isMaster) throw notMaster(this.masterEndPoint);
  }

  /**
   * Logs and applies one change at once; resolves when a majority has it on disk. Rejects with nothing changed, or with
   * 828 when the mastership ended before it was agreed upon.
   */
  async propose(records: readonly SdbRecord[]): Promise<void> {
    if (records.length === 0) return undefined;
    this.demandMaster();
    const replica = this.#replica;
    const refusal = replica.refusal();
    if (refusal !== undefined) throw refused(refusal, this.masterEndPoint);
    const { bytes, length } = this.#encoder.encode(records);
    replica.beginBatch();
    const version = replica.add(bytes, 0, length, BATCH);
    replica.writeBatch();
    this.#machine.take(version, length, records);
    this.#flushSoon();
    return this.#machine.waiting.until(version);
  }

  /** Resolves when all that the state shows now is agreed upon: what is answered from it then stays true. */
  async settled(): Promise<void> {
    this.demandMaster();
    const { applied, acknowledged, failure } = this.#replica;
    if (acknowledged >= applied || failure !== undefined) return undefined;
    this.#flushSoon();
    return this.#machine.waiting.until(applied);
  }

  /**
   * Logs that vnodes have on disk whatever concerns them of all records so far: checkpoints may forget those. Every
   * mnode writes one. Resolves when it is agreed upon.
   */
  async noteTold(): Promise<void> {
    if (this.#machine.hasNews) await this.propose([{ kind: 'told' }]);
  }

  /** Whether so much was logged since the last checkpoint that one is due. */
  get checkpointDue(): boolean {
    return this.#machine.wantsCheckpoint;
  }

  /** Records that vnodes may not have heard of, oldest first; for a master. */
  untold(): readonly SdbRecord[] {
    const { applied } = this.#replica;
    const from = this.#machine.toldVersion + 1;
    const records: SdbRecord[] = [];
    for (const { type, payload } of this.#replica.records(from, applied))
      if (type < OWN_TYPES) for (const record of decodeBatch(payload)) records.push(record);
    return records;
  }

  /** Takes a frame that another mnode sent. */
  receive(frame: Uint8Array<ArrayBuffer>): void {
    this.#guarded(() => this.#replica.receive(frame));
    this.#flushSoon();
  }

  /** `MNODE_TICK_MS` have passed. */
  tick(): void {
    this.#guarded(() => this.#replica.tick());
    this.#changes.tick();
    if (this.#handover !== undefined && ++this.#handover.ticks > HANDOVER_TICKS)
      this.#handover.end();
    this.#flushSoon();
  }

  /** The connection to another mnode broke. */
  peerLost(dnodeId: number): void {
    this.#guarded(() => this.#replica.peerLost(dnodeId));
    this.#flushSoon();
  }

  /** Changes the mnodes, or hands the mastership over; resolves when that is agreed upon (a handover: under way). */
  async changeMembers(change: MemberChange): Promise<void> {
    this.demandMaster();
    const refusal = this.#changes.begin(change);
    this.#flushSoon();
    if (refusal !== undefined) throw refused(refusal, this.masterEndPoint);
    return this.#changes.finished(change);
  }

  /** Hands the mastership to whichever mnode is ready; resolves when it is gone, or cannot go. */
  async handOver(): Promise<void> {
    const { voters } = this.#replica.config.config;
    const slaves = this.#replica.peers.filter(
      ({ id, role }) => role === 'slave' && voters.includes(id),
    );
    const [best] = slaves.toSorted((a, b) => b.matched - a.matched);
    if (!this.isMaster || best === undefined) return;
    if (this.#replica.transfer(best.id) !== undefined) return;
    this.#flushSoon();
    await new Promise<void>((end) => (this.#handover = { ticks: 0, end }));
    this.#handover = undefined;
  }

  /** What this dnode reports of its mnode. */
  report(): VnodeReport {
    const { term, lastVersion, config, failure, role } = this.#replica;
    const { voters, learners } = config.config;
    return {
      vgId: MNODE_VGID,
      role: failure === undefined ? role : 'offline',
      term,
      version: lastVersion,
      tables: 0,
      rows: 0,
      points: 0,
      storage: 0,
      members: { version: config.version, voters, learners },
    };
  }

  /** Ends; what was proposed before is on this disk. */
  close(): void {
    this.#flush();
    this.#machine.waiting.reject(undecided());
    this.#changes.reject(undecided());
    this.#replica.close();
  }

  #onRole(role: Role): void {
    this.#servesFrom = role === 'master' ? this.#replica.lastVersion : Infinity;
  }

  #flushSoon(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.#soon(() => this.#flush());
  }

  /** The end of a turn: one fsync; then whoever waited is answered. */
  #flush(): void {
    if (!this.#isFlushDue) return;
    this.#isFlushDue = false;
    this.#guarded(() => this.#replica.persist());
  }

  /** Works on the replica. What ends it was logged by it; here everybody who waits is told. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#machine.waiting.reject(error);
      this.#changes.reject(error);
    }
    this.#settle(); // Before anybody who was answered goes on.
  }

  /** What follows from what the replica has just done. */
  #settle(): void {
    this.#writeDue();
    this.#changes.settle();
    const replica = this.#replica;
    const { voters } = replica.config.config;
    const isWorking = replica.failure === undefined || voters.length === 1;
    const isMaster =
      isWorking && replica.role === 'master' && replica.acknowledged >= this.#servesFrom;
    const term = isMaster ? replica.term : undefined;
    if (term === this.#servingTerm) return;
    if (this.#servingTerm !== undefined) {
      this.#servingTerm = undefined;
      this.#machine.waiting.reject(undecided());
      this.#changes.reject(undecided());
      this.#handover?.end();
      this.onMaster(false);
    }
    if (term === undefined) return;
    this.#servingTerm = term;
    this.onMaster(true);
  }

  #writeDue(): void {
    const replica = this.#replica;
    const { due } = this.#machine;
    if (due === undefined || due.version > replica.commit || replica.failure !== undefined) return;
    try {
      replica.noteFiles(due.version);
      this.#machine.writeDue();
      replica.dropLog();
    } catch (error) {
      this.#machine.dropDue();
      this.#logger.error('SDB', `no checkpoint could be written: ${String(error)}`);
    }
  }
}

function openReplica(options: SdbOptions, machine: SdbMachine): Replica {
  const { fs, dir, clock, logger, dnodeId, replication } = options;
  const { bandwidth, segmentBytes, createCore } = replication ?? {};
  return Replica.open(
    {
      fs,
      clock,
      logger,
      machine,
      random: replication?.random ?? systemRandom,
      send: (to, parts, lane) => replication?.send(to, parts, lane),
      ...(bandwidth === undefined ? {} : { bandwidth }),
      ...(createCore === undefined ? {} : { createCore }),
    },
    {
      vgId: MNODE_VGID,
      id: dnodeId,
      folder: dir,
      config: { voters: [dnodeId], learners: [], arbitrator: false },
      quorum: 'majority',
      applyOn: 'persisted',
      durability: 'synced',
      electionTicks: ELECTION_TICKS,
      heartbeatTicks: HEARTBEAT_TICKS,
      hasArbitrator: replication?.hasArbitrator ?? false,
      ...(segmentBytes === undefined ? {} : { segmentBytes }),
    },
  );
}

/** Whether the log is gone: beside a checkpoint there is always a segment, or one that was cut off whole. */
export function lostLog(fs: FileSystem, dir: string, version: number): CorruptionError | undefined {
  const names = fs.list(`${dir}/wal`);
  if (version === 0 || names.some((name) => name.endsWith('.log') || name.endsWith('.log.cut')))
    return undefined;
  return new CorruptionError(`${dir}/wal`, 0, `the log after version ${version} is missing`);
}

/**
 * Makes the folders so that their names are there after a power cut, those too that a killed process left unsynced.
 * Whoever joins notes first that it is a learner: it must never take itself for the founder.
 */
function makeFolders({ fs, dir, dnodeId, replication }: SdbOptions): void {
  const join = replication?.join;
  if (!fs.exists(`${dir}/wal`) && join !== undefined) {
    fs.makeFolder(dir);
    const voters = join.filter((id) => id !== dnodeId);
    if (!hasReplica(fs, dir))
      foundReplica(fs, dir, { voters, learners: [dnodeId], arbitrator: false }, 0);
  }
  fs.makeFolder(`${dir}/wal`);
  fs.syncFolder(dir);
  const parent = dir.slice(0, dir.lastIndexOf('/'));
  if (parent !== '') fs.syncFolder(parent);
}
