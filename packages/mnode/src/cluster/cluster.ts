/**
 * The cluster as the mnode's master runs it: takes reports, answers them, and keeps dnodes, vgroups and mnodes as they
 * should be. Owns the reports; everything that must last is in the sdb.
 *
 * A new master begins with an empty `Cluster`: what it needs to know it is told within one `statusInterval`.
 */
import type { StatusAnswer, StatusReport } from '@tdnode/rpc';
import { Runner } from '../balance/runner.ts';
import { vnodeConfig, type ClusterContext } from '../context.ts';
import type { DnodeState } from '../sdb/state.ts';
import { dnodeList, mnodeList, repairCommands } from './answer.ts';
import { Liveness } from './liveness.ts';
import { Prober } from './prober.ts';
import type { ClusterView } from './view.ts';

export class Cluster implements ClusterView {
  readonly liveness: Liveness;
  readonly self: number;
  readonly #context: ClusterContext;
  readonly #runner: Runner;
  readonly #prober: Prober | undefined;
  /** What was said of a dnode last, so that the log says it once. */
  readonly #said = new Map<string, string>();
  #turn: Promise<void> | undefined;
  /** Since when this mnode is the master. */
  #beganAt: number;

  constructor(context: ClusterContext) {
    const { config, dnode, clock } = context;
    this.#context = context;
    this.self = dnode.id;
    this.liveness = new Liveness({ parameters: config.cluster, version: config.version });
    this.#beganAt = clock.monotonic();
    this.liveness.putSelf(dnode.id, dnode.cores, this.#beganAt);
    this.#runner = new Runner(context, this);
    this.#prober = context.askWho === undefined ? undefined : new Prober(context.askWho);
  }

  /** This mnode became master: what it heard in an earlier term is old. */
  begin(): void {
    const { dnode, clock } = this.#context;
    this.#beganAt = clock.monotonic();
    this.liveness.clear();
    this.liveness.putSelf(dnode.id, dnode.cores, this.#beganAt);
    this.#said.clear();
    this.#runner.forget();
  }

  /** Whether reports are missing only because this master is new: who is offline is not known yet. */
  get isGathering(): boolean {
    const { clock, config } = this.#context;
    const patience = GATHERING_INTERVALS * config.cluster.statusInterval * 1000;
    if (clock.monotonic() - this.#beganAt > patience) return false;
    return [...this.state.dnodes.values()].some(
      ({ id, hasJoined }) => id !== this.self && hasJoined && !this.liveness.of(id).hasReported,
    );
  }

  get state(): ClusterView['state'] {
    return this.#context.sdb.state;
  }

  /** Takes one report; resolves with the answer when what it changes is on disk. */
  async onStatus(report: StatusReport): Promise<StatusAnswer> {
    const { sdb, clock } = this.#context;
    const verdict = this.liveness.onStatus(sdb.state, report, clock.monotonic());
    if (verdict.kind !== 'accepted') {
      this.#say(report.endPoint, verdict.detail);
      return verdict;
    }
    const { dnode } = verdict;
    if (verdict.cameOnline) {
      this.#say(dnode.endPoint, `dnode ${dnode.id} (${dnode.endPoint}) is online`);
      this.#runner.wake();
    }
    this.#runner.noteReport();
    await this.#remember(dnode, report);
    const commands = repairCommands(this, dnode.id, report, ({ db, vgroup }) =>
      vnodeConfig(this.#context, db, vgroup.vgId, vgroup.replicas),
    );
    return {
      kind: 'welcome',
      dnodeId: dnode.id,
      clusterId: this.state.clusterId,
      dnodes: dnodeList(this),
      mnodes: mnodeList(this),
      commands: report.dnodeId === 0 ? [] : commands,
    };
  }

  /**
   * Time passed: to be called about every 100 ms while this mnode is master. Never rejects; a call while the last one
   * runs does nothing.
   */
  tick(): Promise<void> {
    this.#turn ??= this.#runTurn().finally(() => (this.#turn = undefined));
    return this.#turn;
  }

  /** Something changed that may need work at once. */
  wake(): void {
    this.#runner.wake();
  }

  /** Resolves when no move is being worked on at this moment. For tests. */
  settled(): Promise<void> {
    return this.#runner.settled();
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#runner.close();
  }

  async #runTurn(): Promise<void> {
    const { sdb, clock, logger } = this.#context;
    try {
      const now = clock.monotonic();
      for (const id of this.liveness.tick(sdb.state, this.self, now)) {
        const endPoint = sdb.state.dnodes.get(id)?.endPoint ?? '';
        this.#say(endPoint, `dnode ${id} (${endPoint}) is offline: status msg timeout`);
        this.#runner.wake();
      }
      this.#probeUnheard(now);
      await this.#dropExpired(now);
      // Who has not been heard yet looks like one that is away, and a move to it would be given up.
      if (!this.isGathering) await this.#runner.turn();
    } catch (error) {
      logger.error('MND', `the cluster's work is tried again: ${String(error)}`);
    }
  }

  /** Finds out why dnodes do not come. */
  #probeUnheard(now: number): void {
    const { clusterId, dnodes } = this.state;
    for (const id of this.liveness.unheard(this.state, this.self, now)) {
      this.#prober?.probe(dnodes.get(id)!, clusterId, now, ({ mismatch, sentence }) => {
        const endPoint = dnodes.get(id)?.endPoint;
        if (endPoint === undefined || this.liveness.isOnline(id)) return;
        if (mismatch !== undefined) this.liveness.explain(id, mismatch.reason);
        this.#say(endPoint, sentence);
      });
    }
  }

  /** A dnode that was away for `offlineThreshold` is dropped; a living majority of its vgroups goes on without it. */
  async #dropExpired(now: number): Promise<void> {
    const { sdb, logger } = this.#context;
    for (const id of this.liveness.expired(sdb.state, this.self, now)) {
      const dnode = sdb.state.dnodes.get(id);
      if (dnode === undefined || dnode.isDropping) continue;
      logger.warn('MND', `dnode ${id} (${dnode.endPoint}) was away for too long and is dropped`);
      await sdb.propose([{ kind: 'putDnode', dnode: { ...dnode, isDropping: true } }]);
    }
  }

  /** What a report says for good: that the dnode knows its id, and its role. */
  async #remember(dnode: DnodeState, report: StatusReport): Promise<void> {
    const after = {
      ...dnode,
      role: report.role,
      hasJoined: dnode.hasJoined || report.dnodeId !== 0,
    };
    if (after.role === dnode.role && after.hasJoined === dnode.hasJoined) return;
    await this.#context.sdb.propose([{ kind: 'putDnode', dnode: after }]);
    this.#runner.wake();
  }

  #say(endPoint: string, text: string): void {
    if (this.#said.get(endPoint) === text) return;
    if (this.#said.size > SAID_MAX) this.#said.clear();
    this.#said.set(endPoint, text);
    this.#context.logger.warn('MND', text);
  }
}

/** How long a new master waits for first reports. */
const GATHERING_INTERVALS = 2;

/** Anybody may knock: what is remembered of them is bounded. */
const SAID_MAX = 1024;
