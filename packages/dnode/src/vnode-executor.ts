/**
 * Carries out on this dnode what the mnode's master asks about vnodes, one command of a vnode at a time. Every command
 * may come twice, by RPC and in the answer to a report: what is so already is no error.
 */
import { TaosError, type VgId } from '@tdnode/common';
import {
  optionsHash,
  type DnodeCommands,
  type MemberChange,
  type VnodeCommand,
  type VnodeConfig,
  type VnodeReport,
  type VnodeStart,
  type VnodeStats,
} from '@tdnode/rpc';
import type { EngineClient } from '@tdnode/vnode';

/** What is remembered of a vnode of this dnode. */
interface Known {
  /** Undefined: its configuration cannot be read. */
  readonly optionsHash: number | undefined;
}

/** See the head of this file. */
export class VnodeExecutor implements DnodeCommands {
  readonly #engines: EngineClient;
  readonly #self: () => number;
  readonly #known = new Map<number, Known>();
  /** The last command of each vnode under way. */
  readonly #turns = new Map<number, Promise<void>>();

  /** `self` is this dnode's id. */
  constructor(engines: EngineClient, self: () => number) {
    this.#engines = engines;
    this.#self = self;
    for (const one of engines.opened) this.#known.set(one.vgId, { optionsHash: one.optionsHash });
  }

  /** Whether this dnode has the vnode. */
  has(vgId: number): boolean {
    return this.#known.has(vgId);
  }

  createVnode(_dnodeId: number, config: VnodeConfig, start: VnodeStart): Promise<void> {
    const { vgId } = config;
    return this.#inTurn(vgId, async () => {
      if (this.#known.has(vgId)) return;
      await this.#engines.create(config, start);
      this.#known.set(vgId, { optionsHash: optionsHash(config.options) });
    });
  }

  alterVnode(_dnodeId: number, config: VnodeConfig): Promise<void> {
    const { vgId } = config;
    return this.#inTurn(vgId, async () => {
      await this.#engines.alter(config);
      this.#known.set(vgId, { optionsHash: optionsHash(config.options) });
    });
  }

  dropVnode(_dnodeId: number, vgId: VgId): Promise<void> {
    return this.#inTurn(vgId, async () => {
      if (!this.#known.has(vgId)) return;
      await this.#engines.drop(vgId);
      this.#known.delete(vgId);
    });
  }

  changeMembers(_dnodeId: number, vgId: VgId, change: MemberChange): Promise<void> {
    return this.#engines.changeMembers(vgId, change);
  }

  async vnodeReport(_dnodeId: number, vgId: VgId): Promise<VnodeReport | undefined> {
    const known = this.#known.get(vgId);
    if (known === undefined) return undefined;
    const hash = known.optionsHash === undefined ? {} : { optionsHash: known.optionsHash };
    try {
      return { ...this.#describe(vgId, await this.#engines.stats(vgId)), ...hash };
    } catch (error) {
      if (!(error instanceof TaosError)) throw error;
      if (!this.#known.has(vgId)) return undefined; // dropped meanwhile
      const nothing = { term: 0, version: 0, tables: 0, rows: 0, points: 0, storage: 0 };
      return { vgId, role: 'unsynced', ...nothing, ...hash };
    }
  }

  /** All vnodes of this dnode. */
  async reports(): Promise<VnodeReport[]> {
    const vgIds = [...this.#known.keys()] as VgId[];
    const reports = await Promise.all(vgIds.map((vgId) => this.vnodeReport(0, vgId)));
    return reports.filter((report) => report !== undefined);
  }

  /** What the vnodes of this dnode say of themselves; those that do not serve say nothing. */
  async stats(): Promise<{ readonly vgId: number; readonly stats: VnodeStats }[]> {
    const asked = [...this.#known.keys()].map(async (vgId) => {
      const stats = await this.#engines.stats(vgId as VgId).catch((error: unknown) => {
        if (!(error instanceof TaosError)) throw error;
        return undefined;
      });
      return stats === undefined ? [] : [{ vgId, stats }];
    });
    return (await Promise.all(asked)).flat();
  }

  /** Carries out one command of an answer. */
  obey(command: VnodeCommand): Promise<void> {
    switch (command.kind) {
      case 'create':
        return this.createVnode(0, command.config, command.start);
      case 'alter':
        return this.alterVnode(0, command.config);
      case 'drop':
        return this.dropVnode(0, command.vgId as VgId);
    }
  }

  /** A vnode without replicas is its vgroup's master, and its only member. */
  #describe(vgId: number, stats: VnodeStats): VnodeReport {
    const { tables, rows, version, fileBytes, replication } = stats;
    const common = { vgId, tables, rows, points: rows, storage: fileBytes };
    if (replication === undefined) {
      const members = { version: 0, voters: [this.#self()], learners: [] };
      return { ...common, role: 'master', term: 0, version, members };
    }
    const { role, term, lastVersion, members } = replication;
    const report = { ...common, role, term, version: lastVersion };
    return role === 'master' ? { ...report, members } : report;
  }

  #inTurn(vgId: number, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(vgId) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(work);
    this.#turns.set(vgId, turn);
    const forget = (): void => {
      if (this.#turns.get(vgId) === turn) this.#turns.delete(vgId);
    };
    turn.then(forget, forget);
    return turn;
  }
}
