/**
 * Carries out what the plans say: begins moves, takes each as far as it goes, hands masters over, adds and removes
 * mnodes, forgets dnodes that are empty.
 *
 * Invariants: each vgroup is driven by one task at a time; every decision is made from sdb and reports of that moment
 * and not remembered, so that a new mnode master goes on where the old one stood; what fails is tried again after
 * `RETRY_MS`, and holds up nobody else.
 */
import { TaosError, type VgId } from '@tdnode/common';
import type { MemberChange } from '@tdnode/rpc';
import { vnodeConfig, type ClusterContext } from '../context.ts';
import { planMnodes, type MnodeCandidate } from '../cluster/mnode-plan.ts';
import {
  MNODE_VGID,
  allVgroups,
  balanceDnodes,
  balanceVgroups,
  findVgroup,
  isMissing,
  masterOf,
  replicasAfter,
  type ClusterView,
  type VgroupPlace,
} from '../cluster/view.ts';
import type { SdbRecord } from '../sdb/records.ts';
import type { Move } from '../sdb/state.ts';
import { planHandover, type MasteredVgroup } from './handover.ts';
import { planBalance } from './plan.ts';
import { nextStep, type Step } from './step.ts';

/** After a failure. */
const RETRY_MS = 1000;

/** Steps of one vgroup before others have a turn; a move has about six. */
const STEPS_AT_ONCE = 12;

/** How long a member's vnode is missing before it counts as lost, in status intervals. */
const LOST_INTERVALS = 5;

export class Runner {
  readonly #context: ClusterContext;
  readonly #view: ClusterView;
  /** Vgroups being driven. */
  readonly #driving = new Map<number, Promise<void>>();
  /** When a vgroup that failed is tried again. */
  readonly #retryAt = new Map<number, number>();
  /** Since when a member has no vnode, by `vgId:dnodeId`. */
  readonly #missingSince = new Map<string, number>();
  #plannedAt = -Infinity;
  #hasNews = false;
  #isClosed = false;

  constructor(context: ClusterContext, view: ClusterView) {
    this.#context = context;
    this.#view = view;
  }

  /** Plans at the next turn, not at the next interval. */
  wake(): void {
    this.#plannedAt = -Infinity;
  }

  /** Forgets what was seen so far; a move being driven ends by itself. */
  forget(): void {
    this.#retryAt.clear();
    this.#missingSince.clear();
    this.wake();
  }

  /** A report came in: members may have changed. */
  noteReport(): void {
    this.#hasNews = true;
  }

  /** One turn: begins what is planned, goes on with what runs. Failures are logged. */
  async turn(): Promise<void> {
    const { clock, config } = this.#context;
    if (this.#hasNews) await this.#mirrorMembers();
    const now = clock.monotonic();
    if (now - this.#plannedAt >= config.cluster.statusInterval * 1000) {
      this.#plannedAt = now;
      this.#watchMissing(now);
      await this.#beginMoves();
      await this.#finishDrops();
      await this.#changeMnodes();
      await this.#handOver();
    }
    for (const { vgroup } of allVgroups(this.#view.state))
      if (vgroup.move !== undefined) this.#drive(vgroup.vgId, now);
  }

  /** Resolves when no vgroup is being driven. */
  async settled(): Promise<void> {
    while (this.#driving.size > 0) await Promise.all(this.#driving.values());
  }

  /** Begins nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.settled();
  }

  /** The vgroup records follow the vgroups' own logs. */
  async #mirrorMembers(): Promise<void> {
    this.#hasNews = false;
    const records: SdbRecord[] = [];
    for (const place of allVgroups(this.#view.state)) {
      const record = this.#membersRecord(place);
      if (record !== undefined) records.push(record);
    }
    await this.#propose(records);
  }

  #membersRecord({ db, vgroup }: VgroupPlace): SdbRecord | undefined {
    const { vgId, membersVersion, replicas } = vgroup;
    const members = masterOf(this.#view, vgroup)?.members;
    if (members === undefined || members.version <= membersVersion) return undefined;
    const after = replicasAfter(replicas, members.voters);
    return {
      kind: 'setReplicas',
      db: db.name,
      vgId,
      membersVersion: members.version,
      replicas: after,
    };
  }

  async #beginMoves(): Promise<void> {
    const { config } = this.#context;
    const plan = planBalance({
      dnodes: balanceDnodes(this.#view),
      vgroups: balanceVgroups(this.#view, (vgId, dnodeId) => this.#isLost(vgId, dnodeId)),
      isBalancing: config.cluster.balance === 1,
      mnodeEqualVnodeNum: config.cluster.mnodeEqualVnodeNum,
    });
    const records = plan.flatMap(({ vgId, target, source }): SdbRecord[] => {
      const place = findVgroup(this.#view.state, vgId);
      if (place === undefined) return [];
      this.#log(`vgId:${vgId} moves: ${sideOf('to', target)}${sideOf('from', source)}`);
      return [{ kind: 'setMove', db: place.db.name, vgId, move: { target, source } }];
    });
    await this.#propose(records);
  }

  #drive(vgId: number, now: number): void {
    if (this.#isClosed || this.#driving.has(vgId)) return;
    if (now < (this.#retryAt.get(vgId) ?? -Infinity)) return;
    const work = this.#steps(vgId)
      .then(() => void this.#retryAt.delete(vgId))
      .catch((error: unknown) => {
        this.#retryAt.set(vgId, this.#context.clock.monotonic() + RETRY_MS);
        this.#context.logger.warn('MND', `vgId:${vgId} does not move yet: ${reasonOf(error)}`);
      })
      .finally(() => this.#driving.delete(vgId));
    this.#driving.set(vgId, work);
  }

  async #steps(vgId: number): Promise<void> {
    for (let i = 0; i < STEPS_AT_ONCE && !this.#isClosed; i++) {
      await this.#poll(vgId);
      const place = findVgroup(this.#view.state, vgId);
      if (place === undefined) return;
      const record = this.#membersRecord(place);
      if (record !== undefined) await this.#propose([record]);
      const { move } = place.vgroup;
      const master = masterOf(this.#view, place.vgroup);
      if (move === undefined || master === undefined) return;
      const { state, liveness } = this.#view;
      const step = nextStep({
        move,
        master: master.dnodeId,
        members: master.members,
        isUsable: (id) => liveness.isOnline(id) && state.dnodes.get(id)?.isDropping === false,
        vnode: (id) => liveness.of(id).vnodes.get(vgId),
      });
      if (step.kind === 'wait') return;
      await this.#take(place, master.dnodeId, step);
    }
  }

  async #take(
    place: VgroupPlace,
    master: number,
    step: Exclude<Step, { readonly kind: 'wait' }>,
  ): Promise<void> {
    const { commands } = this.#context;
    const vgId = place.vgroup.vgId as VgId;
    switch (step.kind) {
      case 'createVnode': {
        const replicas = [...place.vgroup.replicas, step.dnodeId];
        const config = vnodeConfig(this.#context, place.db, vgId, replicas);
        await commands.createVnode(step.dnodeId, config, 'learner');
        return;
      }
      case 'changeMembers':
        await commands.changeMembers(master, vgId, step.change);
        return;
      case 'setMove': {
        const before = place.vgroup.move;
        const record = { kind: 'setMove', db: place.db.name, vgId, move: step.move } as const;
        await this.#propose([record]);
        if (step.move === undefined && before !== undefined) await this.#dropLeft(place, before);
        return;
      }
    }
  }

  /** Drops the vnode that a finished move left behind; if that fails, an answer to a report does it. */
  async #dropLeft({ vgroup }: VgroupPlace, { source, target }: Move): Promise<void> {
    const vgId = vgroup.vgId as VgId;
    const members = masterOf(this.#view, vgroup)?.members;
    if (members === undefined) return;
    this.#log(`vgId:${vgId} is on dnodes ${members.voters.join(', ')} now`);
    for (const id of [source, target]) {
      if (id === 0 || members.voters.includes(id) || members.learners.includes(id)) continue;
      if (this.#view.liveness.isOnline(id)) await this.#context.commands.dropVnode(id, vgId);
    }
  }

  /** Asks everybody who takes part in a move; the master last but one, so that who equals it has caught up. */
  async #poll(vgId: number): Promise<void> {
    const { liveness } = this.#view;
    const place = findVgroup(this.#view.state, vgId);
    if (place === undefined) return;
    const { replicas, move } = place.vgroup;
    const target = move?.target ?? 0;
    const ask = async (id: number): Promise<void> => {
      if (!liveness.isOnline(id)) return;
      liveness.putVnode(id, vgId, await this.#context.commands.vnodeReport(id, vgId as VgId));
    };
    const others = replicas.filter((id) => id !== target);
    const asked = await Promise.allSettled(others.map(ask));
    if (target !== 0) await ask(target);
    for (const answer of asked)
      if (answer.status === 'rejected' && others.length === 1) throw answer.reason;
  }

  #watchMissing(now: number): void {
    const missing = new Set<string>();
    for (const { vgroup } of allVgroups(this.#view.state)) {
      for (const id of vgroup.replicas) {
        if (!isMissing(this.#view, vgroup.vgId, id)) continue;
        const key = `${vgroup.vgId}:${id}`;
        missing.add(key);
        if (!this.#missingSince.has(key)) this.#missingSince.set(key, now);
      }
    }
    for (const key of this.#missingSince.keys())
      if (!missing.has(key)) this.#missingSince.delete(key);
  }

  #isLost(vgId: number, dnodeId: number): boolean {
    const { clock, config } = this.#context;
    const since = this.#missingSince.get(`${vgId}:${dnodeId}`);
    const limit = LOST_INTERVALS * config.cluster.statusInterval * 1000;
    return since !== undefined && clock.monotonic() - since >= limit;
  }

  /** Forgets dnodes that were dropped and have nothing any more. */
  async #finishDrops(): Promise<void> {
    const { state } = this.#view;
    for (const { id, isDropping, endPoint } of state.dnodes.values()) {
      if (!isDropping || state.mnodes.has(id)) continue;
      const isNeeded = Array.from(allVgroups(state)).some(
        ({ vgroup: { replicas, move } }) =>
          replicas.includes(id) || move?.source === id || move?.target === id,
      );
      if (isNeeded) continue;
      await this.#propose([{ kind: 'dropDnode', id }]);
      this.#log(`dnode ${id} (${endPoint}) is empty and dropped`);
    }
  }

  /** One change of the mnodes at a time; only where vgroup 1 says who its members are. */
  async #changeMnodes(): Promise<void> {
    const { config, clock, dnode } = this.#context;
    const members = this.#view.liveness.of(dnode.id).vnodes.get(MNODE_VGID)?.members;
    if (members === undefined) return;
    const { state } = this.#view;
    const candidates = balanceDnodes(this.#view).map((one): MnodeCandidate => ({
      ...one,
      role: state.dnodes.get(one.id)?.role ?? 0,
    }));
    const change = planMnodes(candidates, config.cluster.numOfMnodes, dnode.id);
    if (change?.kind === 'add') {
      const mnode = { dnodeId: change.dnodeId, created: clock.now() };
      await this.#propose([{ kind: 'putMnode', mnode }]);
      this.#log(`dnode ${change.dnodeId} gets an mnode`);
    } else if (change?.kind === 'remove' && !has(members, change.dnodeId)) {
      await this.#propose([{ kind: 'dropMnode', dnodeId: change.dnodeId }]);
      this.#log(`dnode ${change.dnodeId} has no mnode any more`);
    }
    const leaving = change?.kind === 'remove' ? change.dnodeId : 0;
    await this.#fitMnodeMembers(members, leaving);
    if (state.dnodes.get(dnode.id)?.isDropping === true) await this.#leaveMnode(members.voters);
  }

  /** A master that is being dropped hands over: only another one can remove it. */
  async #leaveMnode(voters: readonly number[]): Promise<void> {
    const { state, liveness } = this.#view;
    const successor = voters.find(
      (id) =>
        id !== this.#context.dnode.id &&
        state.dnodes.get(id)?.isDropping === false &&
        liveness.isOnline(id) &&
        liveness.of(id).vnodes.get(MNODE_VGID)?.role === 'slave',
    );
    if (successor !== undefined) await this.#askMnode({ kind: 'transfer', dnodeId: successor });
  }

  /** Vgroup 1 follows the mnode records: the first difference is worked off. */
  async #fitMnodeMembers(
    members: { readonly voters: readonly number[]; readonly learners: readonly number[] },
    leaving: number,
  ): Promise<void> {
    const { state, liveness } = this.#view;
    const wanted = [...state.mnodes.keys()].filter((id) => id !== leaving);
    const extra = [...members.voters, ...members.learners].find((id) => !wanted.includes(id));
    const next = wanted.find((id) => !members.voters.includes(id) && liveness.isOnline(id));
    if (next !== undefined) {
      if (!members.learners.includes(next))
        await this.#askMnode({ kind: 'addLearner', dnodeId: next });
      else if (liveness.of(next).vnodes.get(MNODE_VGID)?.role === 'slave')
        await this.#askMnode({ kind: 'promote', dnodeId: next });
    } else if (extra !== undefined && extra !== this.#context.dnode.id) {
      await this.#askMnode({ kind: 'remove', dnodeId: extra });
    }
  }

  async #askMnode(change: MemberChange): Promise<void> {
    const { commands, dnode, logger } = this.#context;
    try {
      await commands.changeMembers(dnode.id, MNODE_VGID as VgId, change);
    } catch (error) {
      logger.warn('MND', `mnodes do not change yet (${change.kind}): ${reasonOf(error)}`);
    }
  }

  /** Evens masters out, one at a time, when nothing moves. */
  async #handOver(): Promise<void> {
    const { config, commands, logger } = this.#context;
    if (!config.adjustMaster) return;
    const places = [...allVgroups(this.#view.state)];
    if (places.some(({ vgroup }) => vgroup.move !== undefined)) return;
    const handover = planHandover(places.flatMap((place) => this.#mastered(place)));
    if (handover === undefined) return;
    const { vgId, from, to } = handover;
    try {
      await commands.changeMembers(from, vgId as VgId, { kind: 'transfer', dnodeId: to });
      this.#log(`vgId:${vgId} dnode ${from} hands the mastership to dnode ${to}`);
    } catch (error) {
      logger.warn('MND', `vgId:${vgId} keeps its master for now: ${reasonOf(error)}`);
    }
  }

  #mastered({ vgroup }: VgroupPlace): MasteredVgroup[] {
    const { vgId, replicas } = vgroup;
    const master = masterOf(this.#view, vgroup);
    if (master === undefined || replicas.length < 2) return [];
    const { liveness } = this.#view;
    const slaves = master.members.voters.filter(
      (id) => liveness.isOnline(id) && liveness.of(id).vnodes.get(vgId)?.role === 'slave',
    );
    return [{ vgId, master: master.dnodeId, slaves }];
  }

  async #propose(records: readonly SdbRecord[]): Promise<void> {
    if (records.length === 0) return;
    await this.#context.sdb.propose(records);
    for (const record of records)
      if (record.kind === 'setReplicas') this.#context.notify({ db: record.db, table: undefined });
  }

  #log(text: string): void {
    this.#context.logger.info('MND', text);
  }
}

function has(
  members: { readonly voters: readonly number[]; readonly learners: readonly number[] },
  dnodeId: number,
): boolean {
  return members.voters.includes(dnodeId) || members.learners.includes(dnodeId);
}

function sideOf(word: string, dnodeId: number): string {
  return dnodeId === 0 ? '' : `${word} dnode ${dnodeId} `;
}

function reasonOf(error: unknown): string {
  if (error instanceof TaosError) return error.detail ?? error.message;
  return String(error);
}
