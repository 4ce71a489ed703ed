/**
 * The replicas of one engine: their frames in and out, their time, and what waits for other replicas: answers to
 * writes, reads on a slave that is a little behind, changes of members.
 *
 * A turn ends with `endTurn`: then logs are brought to the disk as asked, acknowledged, and everything that the turn
 * brought forth, answers to writes among it, leaves as one message.
 */
import {
  ErrorCode,
  TaosError,
  type Clock,
  type Logger,
  type Random,
  type VgId,
} from '@tdnode/common';
import type { MemberChange } from '@tdnode/rpc';
import { refusalError, type Replica } from '@tdnode/sync';
import { REPLICA_TICK_MS, type ReplicationServices } from '../replication/open-replica.ts';
import type { Vnode } from '../vnode.ts';
import { Handovers } from './handovers.ts';
import { visitFrames } from './frame-run.ts';
import { OutgoingFrames } from './outgoing-frames.ts';
import type { PostFromEngine, Scheduler } from './port.ts';
import {
  toWire,
  type FlushAnswer,
  type LateAnswer,
  type RoleChange,
  type ToEngine,
} from './protocol.ts';

/** How long a read waits for a slave that is behind, ms. */
const READ_WAIT_MS = 100;
/** How long a change of members may take before its caller is told to look again, ms. */
const CHANGE_WAIT_MS = 10_000;

type Query = Extract<ToEngine, { kind: 'query' }>;

/** What the engine gives. */
export interface ReplicationHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly scheduler: Scheduler;
  readonly post: PostFromEngine;
  /** Whether taos.cfg names an arbitrator. */
  readonly hasArbitrator: boolean;
  vnodes(): Iterable<Vnode>;
  find(vgId: VgId): Vnode | undefined;
  /** Ends what reads the vnode: its memory is being made anew. */
  abortReads(vgId: VgId): void;
  /** Answers to the writes that came in this turn. */
  takeAnswers(): readonly FlushAnswer[];
  /** Begins a read that may begin now. */
  startQuery(query: Query): void;
  /** Opens a vnode anew whose replica has ended. */
  reopen(vnode: Vnode): void;
  /** Something happened to a vnode: what is due may be done. */
  touched(vnode: Vnode): void;
}

interface WaitingChange {
  readonly call: number;
  readonly vgId: VgId;
  readonly change: MemberChange;
  readonly deadline: number;
}

/** See the head of this file. */
export class EngineReplication {
  readonly #host: ReplicationHost;
  #dnodeId: number | undefined;
  readonly #outgoing = new OutgoingFrames();
  #roles: RoleChange[] = [];
  #reads: { readonly query: Query; readonly deadline: number }[] = [];
  #changes: WaitingChange[] = [];
  readonly #handovers: Handovers;
  #touched = new Set<Vnode>();
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(host: ReplicationHost, dnodeId: number | undefined) {
    this.#host = host;
    this.#dnodeId = dnodeId;
    this.#handovers = new Handovers(host.clock);
  }

  get dnodeId(): number | undefined {
    return this.#dnodeId;
  }

  /** Which dnode this is. */
  identify(dnodeId: number): void {
    this.#dnodeId = dnodeId;
  }

  /** What a vnode with replicas stands on; undefined: who this is is not known. */
  get services(): ReplicationServices | undefined {
    if (this.#dnodeId === undefined) return undefined;
    return {
      dnodeId: this.#dnodeId,
      random: this.#host.random,
      hasArbitrator: this.#host.hasArbitrator,
      send: (vgId, to, parts, lane) => this.#outgoing.add(vgId as VgId, to, parts, lane),
      onRole: (vgId, role, term) => void this.#roles.push({ vgId: vgId as VgId, role, term }),
      onRebuilt: (vgId) => this.#host.abortReads(vgId as VgId),
    };
  }

  /** Takes runs of frames of other dnodes; those for vnodes that are not here are dropped. */
  receive(runs: readonly Uint8Array<ArrayBuffer>[]): void {
    for (const run of runs) {
      visitFrames(run, (vgId, bytes) => {
        const vnode = this.#host.find(vgId);
        if (vnode?.replica !== undefined) this.#guard(vnode, (replica) => replica.receive(bytes));
      });
    }
  }

  /** Buffers of frames that have been sent. */
  giveBack(buffers: readonly ArrayBuffer[]): void {
    this.#outgoing.giveBack(buffers);
  }

  /** The connection to a dnode broke. */
  peerLost(peer: number): void {
    for (const vnode of this.#host.vnodes())
      this.#guard(vnode, (replica) => replica.peerLost(peer));
  }

  /** A read: begun, kept for a moment, or sent elsewhere (thrown). */
  read(query: Query, vnode: Vnode): void {
    const readiness = vnode.readiness(query.atLeast);
    if (readiness === 'no') throw vnode.redirect();
    if (readiness === 'ready') {
      this.#host.startQuery(query);
      return;
    }
    const { clock, scheduler } = this.#host;
    this.#reads.push({ query, deadline: clock.monotonic() + READ_WAIT_MS });
    scheduler.later(READ_WAIT_MS, () => this.endTurn());
  }

  /** The reader of a stream that has not begun is gone. */
  cancelRead(stream: number): void {
    this.#reads = this.#reads.filter(({ query }) => query.stream !== stream);
  }

  /** Changes the members, or hands the mastership over; answered when it is committed, or under way. */
  change(call: number, vnode: Vnode, change: MemberChange): void {
    if (this.#dnodeId === undefined) throw new TaosError(ErrorCode.VND_NOT_SYNCED);
    vnode.beginReplica(this.#dnodeId);
    this.arm();
    const { vgId } = vnode.config;
    const deadline = this.#host.clock.monotonic() + CHANGE_WAIT_MS;
    const replica = vnode.replica!;
    if (replica.role !== 'master') throw vnode.redirect();
    const isDone =
      change.kind === 'transfer' ? change.dnodeId === this.#dnodeId : isInForce(replica, change);
    if (!isDone) {
      this.#guard(vnode, () => {
        const { kind, dnodeId: id } = change;
        const refused = kind === 'transfer' ? replica.transfer(id) : replica.change({ kind, id });
        if (refused?.reason === 'notMaster') throw vnode.redirect();
        if (refused !== undefined) throw refusalError(refused);
      });
    }
    this.#touched.add(vnode);
    this.#changes.push({ call, vgId, change, deadline });
  }

  /** Hands the masterships of this engine over; answered when that is done, or came to nothing. */
  handOver(call: number): void {
    const masters: Replica[] = [];
    for (const vnode of this.#host.vnodes()) {
      const { replica } = vnode;
      if (replica?.role !== 'master' || replica.failure !== undefined) continue;
      this.#touched.add(vnode);
      masters.push(replica);
    }
    this.#handovers.begin(masters, () => this.#host.post({ kind: 'reply', call }, []));
  }

  /** A vnode took writes. */
  touch(vnode: Vnode): void {
    if (vnode.replica !== undefined) this.#touched.add(vnode);
  }

  /** See the head of this file. */
  endTurn(): void {
    if (!this.#isClosed) {
      for (const vnode of this.#touched) {
        this.#guard(vnode, (replica) => replica.persist());
        this.#host.touched(vnode);
      }
      this.#touched.clear();
      this.#settleReads();
      this.#settleChanges();
      this.#handovers.settle();
    }
    this.flush();
  }

  /** Everything that the turn brought forth leaves. */
  flush(): void {
    const { post } = this.#host;
    const answers = this.#host.takeAnswers();
    const late = this.#takeLate();
    const sent = this.#outgoing.take();
    const roles = this.#roles.splice(0);
    if (answers.length + late.length + sent.length + roles.length === 0) return;
    const transfer = sent.map(({ run }) => run.buffer);
    post({ kind: 'turn', answers, late, sent, roles }, transfer);
  }

  #takeLate(): LateAnswer[] {
    const late: LateAnswer[] = [];
    for (const vnode of this.#host.vnodes()) {
      for (const { flush, index, version, error } of vnode.waiting.takeSettled())
        late.push({
          flush,
          index,
          version,
          error: error === undefined ? undefined : toWire(error),
        });
    }
    return late;
  }

  /** Has time pass for replicas as long as there are any. */
  arm(): void {
    if (this.#cancelTimer !== undefined || this.#isClosed) return;
    let isAny = false;
    for (const vnode of this.#host.vnodes()) isAny ||= vnode.replica !== undefined;
    if (!isAny) return;
    this.#cancelTimer = this.#host.scheduler.later(REPLICA_TICK_MS, () => this.#tick());
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
  }

  #tick(): void {
    this.#cancelTimer = undefined;
    const vnodes = Array.from(this.#host.vnodes());
    for (const vnode of vnodes) {
      if (vnode.replica === undefined) continue;
      if (vnode.replica.failure === undefined) this.#guard(vnode, (replica) => replica.tick());
      else this.#host.reopen(vnode);
    }
    this.endTurn();
    this.arm();
  }

  /** A replica that ends takes its clients' writes with it; the next tick opens it anew. */
  #guard(vnode: Vnode, work: (replica: Replica) => void): void {
    const { replica } = vnode;
    if (replica === undefined || replica.failure !== undefined) return;
    this.#touched.add(vnode);
    try {
      work(replica);
    } catch (error) {
      if (replica.failure === undefined) throw error;
      vnode.waiting.reject(error);
    }
  }

  #settleReads(): void {
    if (this.#reads.length === 0) return;
    const reads = this.#reads;
    this.#reads = [];
    const host = this.#host;
    for (const read of reads) {
      const { query, deadline } = read;
      const vnode = host.find(query.vgId);
      const readiness = vnode?.readiness(query.atLeast) ?? 'no';
      if (readiness === 'ready') {
        host.startQuery(query);
      } else if (readiness === 'soon' && host.clock.monotonic() < deadline) {
        this.#reads.push(read);
      } else {
        const error = toWire(vnode?.redirect() ?? new TaosError(ErrorCode.VND_INVALID_VGROUP_ID));
        host.post({ kind: 'rows', stream: query.stream, batches: [], isLast: true, error }, []);
      }
    }
  }

  #settleChanges(): void {
    if (this.#changes.length === 0) return;
    const host = this.#host;
    this.#changes = this.#changes.filter(({ call, vgId, change, deadline }) => {
      const replica = host.find(vgId)?.replica;
      const isCommitted = replica !== undefined && replica.config.version <= replica.commit;
      if (isCommitted && isInForce(replica, change)) {
        host.post({ kind: 'reply', call }, []);
        return false;
      }
      const isHere = replica?.role === 'master' || change.kind === 'transfer';
      if (isHere && host.clock.monotonic() < deadline) return true;
      const error = host.find(vgId)?.redirect() ?? new TaosError(ErrorCode.VND_INVALID_VGROUP_ID);
      host.post({ kind: 'reply', call, error: toWire(error) }, []);
      return false;
    });
  }
}

/** Whether the members (or the master) are what the change asks for. */
function isInForce(replica: Replica, { kind, dnodeId }: MemberChange): boolean {
  const { voters, learners } = replica.config.config;
  switch (kind) {
    case 'addLearner':
      return voters.includes(dnodeId) || learners.includes(dnodeId);
    case 'promote':
      return voters.includes(dnodeId);
    case 'remove':
      return !voters.includes(dnodeId) && !learners.includes(dnodeId);
    case 'transfer':
      // Under way is enough: who is master then, the new master says.
      return true;
  }
}
