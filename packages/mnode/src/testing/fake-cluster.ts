/**
 * Dnodes for tests: each has replicas of vgroups that elect, replicate and change members as the real ones do, only
 * without messages. Commands can get lost on the way there or back; dnodes stop and start.
 *
 * Checked all along: a vgroup's data is never thrown away, an empty copy never votes in a vgroup that has begun, a
 * member's vnode is never dropped.
 */
import { ErrorCode, TaosError, type Random, type VgId } from '@tdnode/common';
import {
  optionsHash,
  type ClusterParameters,
  type DnodeCommands,
  type HostLoad,
  type MemberChange,
  type StatusAnswer,
  type StatusReport,
  type VgroupMembers,
  type VnodeConfig,
  type VnodeReport,
  type VnodeStart,
} from '@tdnode/rpc';
import { defaultParameters } from '../cluster/parameters.ts';
import { MNODE_VGID } from '../cluster/view.ts';
import { defaultMnodeConfig } from '../config.ts';
import { FakeVnodes } from './fake-vnodes.ts';

const mnodeReplica: VnodeConfig = {
  vgId: MNODE_VGID as VgId,
  db: '',
  options: defaultMnodeConfig.dbDefaults,
  replicas: [],
};

interface FakeReplica {
  config: VnodeConfig;
  version: number;
}

/** What all replicas of a vgroup agree on. */
interface FakeVgroup {
  members: VgroupMembers;
  term: number;
  master: number | undefined;
  /** The last write that a majority has. */
  committed: number;
}

export class FakeDnode {
  dnodeId = 0;
  clusterId = '';
  isUp = true;
  /** Told that it was dropped. */
  hasExited = false;
  cores = 4;
  role: 0 | 1 | 2 = 0;
  version = '2.1.2.0';
  load: HostLoad = { cpu: 0, memory: 0, disk: 0, bandwidth: 0 };
  parameters: ClusterParameters = defaultParameters;
  lastAnswer: StatusAnswer | undefined;
  readonly endPoint: string;
  readonly replicas = new Map<number, FakeReplica>();

  constructor(endPoint: string) {
    this.endPoint = endPoint;
  }
}

export class FakeCluster implements DnodeCommands {
  readonly dnodes: FakeDnode[] = [];
  readonly vgroups = new Map<number, FakeVgroup>();
  /** Where changes of metadata go: every vgroup is one vnode there. */
  readonly vnodes = new FakeVnodes();
  /** Share of commands that get lost. */
  lossRate = 0;
  /** Commands of an mnode that is gone reach nobody. */
  generation = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  add(endPoint: string): FakeDnode {
    const dnode = new FakeDnode(endPoint);
    this.dnodes.push(dnode);
    return dnode;
  }

  byId(dnodeId: number): FakeDnode | undefined {
    return this.dnodes.find((dnode) => dnode.dnodeId === dnodeId && dnode.isUp);
  }

  /** The commands as one run of the mnode has them. */
  commandsOf(generation: number): DnodeCommands {
    const only = async <T>(call: () => Promise<T>): Promise<T> => {
      if (generation !== this.generation) throw lost('the mnode is gone');
      if (this.#random.next() < this.lossRate / 2) throw lost('lost on the way');
      const result = await call();
      if (this.#random.next() < this.lossRate / 2) throw lost('answer lost');
      return result;
    };
    return {
      createVnode: (id, config, start) => only(() => this.createVnode(id, config, start)),
      alterVnode: (id, config) => only(() => this.alterVnode(id, config)),
      dropVnode: (id, vgId) => only(() => this.dropVnode(id, vgId)),
      changeMembers: (id, vgId, change) => only(() => this.changeMembers(id, vgId, change)),
      vnodeReport: (id, vgId) => only(() => this.vnodeReport(id, vgId)),
    };
  }

  async createVnode(dnodeId: number, config: VnodeConfig, start: VnodeStart): Promise<void> {
    const dnode = this.#reach(dnodeId);
    const { vgId } = config;
    if (dnode.replicas.has(vgId)) return;
    let vgroup = this.vgroups.get(vgId);
    if (vgroup === undefined) {
      if (start === 'learner') throw new Error(`vgId:${vgId} begins with a learner`);
      const voters = config.replicas.map((replica) => replica.dnodeId).sort((a, b) => a - b);
      const members = { version: 0, voters, learners: [] };
      vgroup = { members, term: 0, master: undefined, committed: 0 };
      this.vgroups.set(vgId, vgroup);
      await this.vnodes.create(config);
    }
    if (start === 'voter' && vgroup.committed > 0)
      throw new Error(`vgId:${vgId} gets an empty voter on dnode ${dnodeId}`);
    dnode.replicas.set(vgId, { config, version: 0 });
  }

  async alterVnode(dnodeId: number, config: VnodeConfig): Promise<void> {
    const replica = this.#reach(dnodeId).replicas.get(config.vgId);
    if (replica === undefined) throw new TaosError(ErrorCode.VND_INVALID_VGROUP_ID);
    replica.config = config;
  }

  async dropVnode(dnodeId: number, vgId: number): Promise<void> {
    const dnode = this.#reach(dnodeId);
    const vgroup = this.vgroups.get(vgId);
    const isWanted = this.vnodes.vnodes.has(vgId);
    const { voters = [], learners = [] } = vgroup?.members ?? {};
    if (isWanted && [...voters, ...learners].includes(dnodeId) && !this.dropping.has(vgId))
      throw new Error(`vgId:${vgId} loses its member on dnode ${dnodeId}`);
    dnode.replicas.delete(vgId);
  }

  /** Vgroups whose database a test is dropping. */
  readonly dropping = new Set<number>();

  async changeMembers(dnodeId: number, vgId: number, change: MemberChange): Promise<void> {
    this.#reach(dnodeId);
    const vgroup = this.vgroups.get(vgId);
    if (vgroup?.master !== dnodeId) throw lost(`dnode ${dnodeId} is not master of ${vgId}`);
    const { voters, learners } = vgroup.members;
    const { kind, dnodeId: id } = change;
    if (kind === 'transfer') {
      const heir = this.byId(id)?.replicas.get(vgId);
      if (!voters.includes(id) || heir === undefined) throw lost('no heir');
      heir.version = vgroup.committed;
      vgroup.master = id;
      vgroup.term++;
      return;
    }
    if (kind === 'addLearner' && !voters.includes(id) && !learners.includes(id))
      this.#put(vgId, vgroup, voters, [...learners, id]);
    if (kind === 'promote' && learners.includes(id)) this.#promote(vgId, vgroup, id);
    if (kind === 'remove' && (voters.includes(id) || learners.includes(id))) {
      if (id === dnodeId) throw new Error('the master removes itself');
      const others = (ids: readonly number[]): number[] => ids.filter((one) => one !== id);
      if (others(voters).length === 0) throw new Error('the last voter is removed');
      this.#put(vgId, vgroup, others(voters), others(learners));
    }
  }

  async vnodeReport(dnodeId: number, vgId: number): Promise<VnodeReport | undefined> {
    const dnode = this.#reach(dnodeId);
    return dnode.replicas.has(vgId) ? this.#report(dnode, vgId) : undefined;
  }

  /** What a dnode says now. */
  reportOf(dnode: FakeDnode): StatusReport {
    const { dnodeId, endPoint, clusterId, version, cores, role, load, parameters } = dnode;
    const vnodes = [...dnode.replicas.keys()].map((vgId) => this.#report(dnode, vgId));
    return { dnodeId, endPoint, clusterId, version, cores, role, load, parameters, vnodes };
  }

  /** Does what the answer says. */
  async obey(dnode: FakeDnode, answer: StatusAnswer): Promise<void> {
    dnode.lastAnswer = answer;
    if (answer.kind === 'dropped') {
      dnode.hasExited = true;
      dnode.isUp = false;
    }
    if (answer.kind !== 'welcome') return;
    dnode.dnodeId = answer.dnodeId;
    dnode.clusterId = answer.clusterId;
    this.#obeyMnodes(
      dnode,
      answer.mnodes.some(({ dnodeId }) => dnodeId === dnode.dnodeId),
    );
    for (const command of answer.commands) {
      if (command.kind === 'create')
        await this.createVnode(dnode.dnodeId, command.config, command.start);
      else if (command.kind === 'alter') await this.alterVnode(dnode.dnodeId, command.config);
      else await this.dropVnode(dnode.dnodeId, command.vgId);
    }
  }

  /** From now on dnodes report vgroup 1, the metadata's own; the first dnode is its master. */
  replicateMnode(first: FakeDnode): void {
    const members = { version: 0, voters: [first.dnodeId], learners: [] };
    this.vgroups.set(MNODE_VGID, { members, term: 1, master: first.dnodeId, committed: 0 });
    this.#obeyMnodes(first, true);
  }

  #obeyMnodes(dnode: FakeDnode, hasMnode: boolean): void {
    const { replicas } = dnode;
    if (!this.vgroups.has(MNODE_VGID) || replicas.has(MNODE_VGID) === hasMnode) return;
    if (!hasMnode) replicas.delete(MNODE_VGID);
    else replicas.set(MNODE_VGID, { config: mnodeReplica, version: 0 });
  }

  /** Time passes for the vgroups: elections, a write each, replication at different speeds. */
  step(): void {
    for (const [vgId, vgroup] of this.vgroups) {
      if (vgId !== MNODE_VGID && !this.vnodes.vnodes.has(vgId)) continue;
      const alive = vgroup.members.voters.filter((id) => this.#holds(id, vgId));
      const hasMajority = alive.length * 2 > vgroup.members.voters.length;
      if (vgroup.master !== undefined && (!alive.includes(vgroup.master) || !hasMajority))
        vgroup.master = undefined;
      if (!hasMajority) continue;
      if (vgroup.master === undefined) this.#elect(vgId, vgroup, alive);
      vgroup.committed++;
      const slow = [...vgroup.members.voters, ...vgroup.members.learners];
      for (const id of slow) this.#replicate(vgId, vgroup, id);
    }
  }

  #elect(vgId: number, vgroup: FakeVgroup, alive: readonly number[]): void {
    const version = (id: number): number => this.byId(id)!.replicas.get(vgId)!.version;
    vgroup.master = alive.reduce((best, id) => (version(id) > version(best) ? id : best));
    vgroup.term++;
    if (version(vgroup.master) < vgroup.committed - 1)
      throw new Error(`vgId:${vgId} loses writes: dnode ${vgroup.master} is master`);
  }

  #replicate(vgId: number, vgroup: FakeVgroup, id: number): void {
    const replica = this.byId(id)?.replicas.get(vgId);
    if (replica === undefined) return;
    const isLearner = vgroup.members.learners.includes(id);
    if (!isLearner || this.#random.next() < 0.4) replica.version = vgroup.committed;
    if (isLearner && this.#random.next() < 0.1) this.#promote(vgId, vgroup, id);
  }

  #promote(vgId: number, vgroup: FakeVgroup, id: number): void {
    const replica = this.byId(id)?.replicas.get(vgId);
    if (replica === undefined || replica.version < vgroup.committed) return;
    const { voters, learners } = vgroup.members;
    const rest = learners.filter((one) => one !== id);
    this.#put(
      vgId,
      vgroup,
      [...voters, id].sort((a, b) => a - b),
      rest,
    );
  }

  #put(
    vgId: number,
    vgroup: FakeVgroup,
    voters: readonly number[],
    learners: readonly number[],
  ): void {
    vgroup.committed++;
    vgroup.members = { version: vgroup.committed, voters, learners };
    for (const id of voters) this.#replicate(vgId, vgroup, id);
  }

  #report(dnode: FakeDnode, vgId: number): VnodeReport {
    const vgroup = this.vgroups.get(vgId)!;
    const { config, version } = dnode.replicas.get(vgId)!;
    const isMaster = vgroup.master === dnode.dnodeId;
    const isVoter = vgroup.members.voters.includes(dnode.dnodeId);
    const behind = isVoter || version === vgroup.committed ? 'slave' : 'syncing';
    const common = { vgId, term: vgroup.term, version, tables: 0, rows: 0, points: 0, storage: 0 };
    const hash = optionsHash(config.options);
    if (isMaster) return { ...common, role: 'master', optionsHash: hash, members: vgroup.members };
    return { ...common, role: behind, optionsHash: hash };
  }

  #holds(dnodeId: number, vgId: number): boolean {
    return this.byId(dnodeId)?.replicas.has(vgId) === true;
  }

  #reach(dnodeId: number): FakeDnode {
    const dnode = this.byId(dnodeId);
    if (dnode === undefined) throw lost(`dnode ${dnodeId} is down`);
    return dnode;
  }
}

function lost(detail: string): TaosError {
  return new TaosError(ErrorCode.RPC_NETWORK_UNAVAIL, undefined, { detail });
}
