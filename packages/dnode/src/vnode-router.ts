/**
 * The vnodes of the whole cluster as one service: a call goes to this process where the vnode is here, else by RPC to
 * the dnode that has it, its master where it is replicated.
 *
 * Reads are spread over slaves where they may answer (slave-reads.ts).
 *
 * What failed is asked again, elsewhere where there is an elsewhere, until a deadline: reads always, rows only when
 * they surely were not stored or may come twice. A place that turned out wrong is looked up again.
 */
import { ErrorCode, TaosError, type Clock, type TagValue, type VgId } from '@tdnode/common';
import {
  NetworkError,
  RedirectError,
  RemoteVnodeService,
  type FragmentStream,
  type RpcClient,
  type VnodeConfig,
  type VnodeService,
  type VnodeStats,
  type WriteKind,
  type WriteResult,
} from '@tdnode/rpc';
import type { ClusterMap } from './cluster-map.ts';
import { RoutedStream } from './routed-stream.ts';
import { SlaveReads } from './slave-reads.ts';

/** Where vgroups are, as the metadata says. */
export interface VgroupPlaces {
  /** dnode ids, the likeliest master first; undefined: no such vgroup is known. */
  replicasOf(vgId: number): readonly number[] | undefined;
  /** Whether of rows with equal time the first stays: rows that come twice change nothing. */
  keepsFirst(vgId: number): boolean;
  /** Asks the metadata again where this vgroup is. */
  refresh(vgId: number): Promise<void>;
}

/** What a router stands on. */
export interface VnodeRouterOptions {
  readonly self: () => number;
  readonly local: VnodeService;
  readonly hasLocal: (vgId: number) => boolean;
  readonly places: VgroupPlaces;
  /** False where a dnode surely does not answer: it is asked last. */
  readonly mayAnswer: (dnodeId: number) => boolean;
  /** The way to the vnodes of a dnode that is connected, for writes; undefined: by RPC. */
  readonly writesTo?: (dnodeId: number) => Pick<VnodeService, 'write'> | undefined;
  readonly map: ClusterMap;
  readonly client: RpcClient;
  readonly clock: Clock;
  /** Whether slaves answer reads. */
  readonly slaveQuery: boolean;
}

/** How long a call looks for the vnode; a fail-over takes less. */
const SEARCH_MS = 8_000;
const FIRST_PAUSE_MS = 10;
const LAST_PAUSE_MS = 200;
/** Replicas that are asked who the master is. */
const MASTER_HOPS = 2;

/** One search for the dnode that answers. */
export interface Search {
  readonly vgId: VgId;
  /** False for rows: those may be asked again only where the first stays. */
  readonly isIdempotent: boolean;
  /** When it is given up, by the monotonic clock. */
  readonly end: number;
  pauseMs: number;
  /** Dnodes that did not answer in this round. */
  readonly failed: Set<number>;
  /** Who is asked now. */
  dnodeId: number;
}

/** See the head of this file. */
export class VnodeRouter implements VnodeService {
  readonly #options: VnodeRouterOptions;
  readonly #remotes = new Map<number, RemoteVnodeService>();
  /** Masters as redirects told them. */
  readonly #masters = new Map<number, number>();
  /** The last change of a vgroup under way. */
  readonly #changes = new Map<number, Promise<unknown>>();
  readonly #slaveReads: SlaveReads;
  #isClosed = false;

  constructor(options: VnodeRouterOptions) {
    this.#options = options;
    const { slaveQuery, clock } = options;
    this.#slaveReads = new SlaveReads({
      isOn: slaveQuery,
      clock,
      mayAnswer: (dnodeId) => this.#mayAnswer(dnodeId),
      askVersion: (vgId) => this.#masterVersion(vgId as VgId),
    });
  }

  write(vgId: VgId, kind: WriteKind, payload: Uint8Array): Promise<WriteResult> {
    const { map, local } = this.#options;
    if (map.isAlone) return local.write(vgId, kind, payload);
    const own = payload.slice(); // the caller may use its buffer again before the search ends
    // Where the last row stays, one that comes twice could undo what was written in between.
    if (kind === 'submit') return this.#write(vgId, kind, own);
    // A change that comes twice is one change.
    return this.#inOrder(vgId, () => this.#write(vgId, kind, own));
  }

  query(vgId: VgId, fragment: object, atLeast?: number): FragmentStream {
    const { map, local } = this.#options;
    if (map.isAlone) return local.query(vgId, fragment, atLeast);
    const search = this.search(vgId, true);
    let slave = this.#slaveReads.next(vgId, this.#options.places.replicasOf(vgId) ?? []);
    return new RoutedStream({
      open: () => {
        search.dnodeId = slave?.dnodeId ?? this.choose(search);
        const service = this.#service(search.dnodeId);
        return service.query(vgId, fragment, slave?.atLeast ?? atLeast);
      },
      retry: (error) => {
        if (slave !== undefined && error instanceof RedirectError)
          this.#slaveReads.behind(vgId, slave.dnodeId);
        slave = undefined;
        return this.failed(search, error);
      },
    });
  }

  /** Vnodes may have been changed by writes that this dnode is told nothing of: by the mnode, for one of its clients. */
  changedUnseen(): void {
    this.#slaveReads.forget();
  }

  tids(vgId: VgId, uids: Float64Array): Promise<Uint32Array> {
    return this.#ask(vgId, true, (service) => service.tids(vgId, uids));
  }

  tags(vgId: VgId, uid: number): Promise<readonly TagValue[] | undefined> {
    return this.#ask(vgId, true, (service) => service.tags(vgId, uid));
  }

  stats(vgId: VgId): Promise<VnodeStats> {
    return this.#ask(vgId, true, (service) => service.stats(vgId));
  }

  create(config: VnodeConfig): Promise<void> {
    return this.#options.local.create(config);
  }

  alter(config: VnodeConfig): Promise<void> {
    return this.#options.local.alter(config);
  }

  drop(vgId: VgId): Promise<void> {
    return this.#options.local.drop(vgId);
  }

  sync(vgId: VgId): Promise<void> {
    return this.#ask(vgId, true, (service) => service.sync(vgId));
  }

  flush(vgId: VgId): Promise<void> {
    return this.#ask(vgId, true, (service) => service.flush(vgId));
  }

  /** From now on nobody is asked twice: this dnode stops. */
  close(): void {
    this.#isClosed = true;
  }

  /** Begins a search. */
  search(vgId: VgId, isIdempotent: boolean): Search {
    const end = this.#options.clock.monotonic() + SEARCH_MS;
    const failed = new Set<number>();
    return { vgId, isIdempotent, end, pauseMs: FIRST_PAUSE_MS, failed, dnodeId: 0 };
  }

  /** Who is to be asked now: who is known as master, this dnode, then the replicas in order. */
  choose(search: Search): number {
    const { vgId, failed } = search;
    const { self, hasLocal, places } = this.#options;
    const own = self();
    const likely = [
      this.#masters.get(vgId),
      hasLocal(vgId) ? own : undefined,
      ...(places.replicasOf(vgId) ?? []),
    ].filter((id) => id !== undefined);
    const untried = likely.filter((id) => !failed.has(id));
    const there = untried.find((id) => this.#mayAnswer(id));
    search.dnodeId = there ?? untried[0] ?? likely[0] ?? own;
    return search.dnodeId;
  }

  /** Judges a failure: resolves when asking again makes sense, rejects with what the caller is to know. */
  async failed(search: Search, error: unknown): Promise<void> {
    const { vgId, dnodeId, failed } = search;
    const { clock, map, places } = this.#options;
    const isIdempotent = search.isIdempotent || places.keepsFirst(vgId);
    if (this.#isClosed || map.isAlone || !isWorthAnother(error, isIdempotent)) throw error;
    if (clock.monotonic() + search.pauseMs > search.end)
      throw error instanceof RedirectError ? noMaster(vgId) : error;
    const master = error instanceof RedirectError ? this.#idOf(error.where) : undefined;
    if (master !== undefined && master !== dnodeId) {
      if (this.#masters.get(vgId) !== master) this.#slaveReads.forget(vgId);
      this.#masters.set(vgId, master);
      if (!failed.has(master)) return;
    } else {
      this.#masters.delete(vgId);
    }
    failed.add(dnodeId);
    const isPlaceWrong =
      error instanceof TaosError && error.code === ErrorCode.VND_INVALID_VGROUP_ID;
    if (isPlaceWrong) await places.refresh(vgId).catch(() => undefined);
    const replicas = places.replicasOf(vgId);
    if (replicas === undefined && isPlaceWrong) throw error;
    // Nobody waits for one that is silent while another may become master.
    if (replicas?.some((id) => !failed.has(id) && this.#mayAnswer(id)) === true) return;
    failed.clear();
    await new Promise((resolve) => setTimeout(resolve, search.pauseMs));
    search.pauseMs = Math.min(search.pauseMs * 2, LAST_PAUSE_MS);
  }

  async #write(vgId: VgId, kind: WriteKind, payload: Uint8Array): Promise<WriteResult> {
    const isIdempotent = kind === 'change';
    const result = await this.#ask(vgId, isIdempotent, (vnode) => vnode.write(vgId, kind, payload));
    this.#slaveReads.acknowledged(vgId, result.version);
    return result;
  }

  /** The last version in the log of the vgroup's master; undefined while nobody calls itself that. */
  async #masterVersion(vgId: VgId): Promise<number | undefined> {
    const search = this.search(vgId, true);
    let dnodeId = this.choose(search);
    for (let hops = 0; hops < MASTER_HOPS; hops++) {
      const { version, replication } = await this.#service(dnodeId).stats(vgId);
      if (replication === undefined) return version;
      if (replication.role === 'master') return replication.lastVersion;
      if (replication.master < 0) return undefined;
      dnodeId = replication.master;
    }
    return undefined;
  }

  #mayAnswer(dnodeId: number): boolean {
    return dnodeId === this.#options.self() || this.#options.mayAnswer(dnodeId);
  }

  /** Changes of a vgroup build on each other: a search for its master must not turn them around. */
  #inOrder<T>(vgId: number, write: () => Promise<T>): Promise<T> {
    const before = this.#changes.get(vgId);
    const turn = before === undefined ? write() : before.then(write, write);
    this.#changes.set(vgId, turn);
    const forget = (): void => {
      if (this.#changes.get(vgId) === turn) this.#changes.delete(vgId);
    };
    turn.then(forget, forget);
    return turn;
  }

  async #ask<T>(
    vgId: VgId,
    isIdempotent: boolean,
    call: (service: VnodeService) => Promise<T>,
  ): Promise<T> {
    const search = this.search(vgId, isIdempotent);
    for (;;) {
      try {
        return await call(this.#service(this.choose(search)));
      } catch (error) {
        await this.failed(search, error);
      }
    }
  }

  #service(dnodeId: number): VnodeService {
    const { self, local, client, map, writesTo } = this.#options;
    if (dnodeId === self()) return local;
    let remote = this.#remotes.get(dnodeId);
    if (remote === undefined) {
      remote = new RemoteVnodeService(
        client,
        () => map.endPointOf(dnodeId),
        () => writesTo?.(dnodeId),
      );
      this.#remotes.set(dnodeId, remote);
    }
    return remote;
  }

  #idOf(where: readonly string[]): number | undefined {
    for (const endPoint of where) {
      const id = this.#options.map.idOf(endPoint);
      if (id !== undefined) return id;
    }
    return undefined;
  }
}

/** What a search ends with when every replica that answers says that another one is the master. */
function noMaster(vgId: number): TaosError {
  return new TaosError(ErrorCode.VND_NOT_SYNCED, undefined, {
    detail: `vgroup ${vgId} has no master for ${SEARCH_MS / 1000} s: too few of its replicas reach each other, see show vgroups`,
  });
}

/** The vnode is not there, or takes nothing at this moment: nothing was executed. */
const NOT_EXECUTED: ReadonlySet<number> = new Set([
  ErrorCode.VND_INVALID_VGROUP_ID,
  ErrorCode.VND_IS_BALANCING,
  ErrorCode.VND_IS_FLOWCTRL,
  // Its dnode has just joined: the next answer to this dnode's report names it.
  ErrorCode.RPC_NETWORK_UNAVAIL,
]);
/** A read was cut off, because the vnode moves away or takes over another replica's files. */
const CUT_OFF: ReadonlySet<number> = new Set([
  ErrorCode.VND_NOT_SYNCED,
  ErrorCode.VND_IS_DROPPING,
  ErrorCode.VND_IS_CLOSING,
]);

function isWorthAnother(error: unknown, isIdempotent: boolean): boolean {
  if (error instanceof RedirectError) return true;
  if (error instanceof NetworkError) return isIdempotent || !error.wasSent;
  if (!(error instanceof TaosError)) return false;
  return NOT_EXECUTED.has(error.code) || (isIdempotent && CUT_OFF.has(error.code));
}
