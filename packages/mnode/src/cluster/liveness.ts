/**
 * Which dnodes are there, and what they said last. Pure: time comes as an argument, in ms of one monotonic clock;
 * a master of the mnode begins with nothing and knows all after one `statusInterval`.
 *
 * Invariants: only dnodes of the sdb have an entry; a dnode that does not fit (parameters, version, ids) is offline,
 * however often it reports; what an offline dnode's vnodes said is kept, but nobody counts on it.
 */
import type { ClusterParameters, HostLoad, StatusReport, VnodeReport } from '@tdnode/rpc';
import type { DnodeState, SdbState } from '../sdb/state.ts';
import {
  foreignCluster,
  parameterMismatch,
  versionMismatch,
  type Mismatch,
  type OfflineReason,
} from './parameters.ts';

/** Reports that may be missed before a dnode is offline. */
const MISSED_REPORTS = 3;

/** What is known of one dnode from its reports. */
export interface DnodeStatus {
  readonly isOnline: boolean;
  /** Why it is offline; '' while online. */
  readonly reason: OfflineReason | '';
  readonly cores: number;
  readonly load: HostLoad;
  /** By vgId. */
  readonly vnodes: ReadonlyMap<number, VnodeReport>;
  /** When it was heard last; before that, since when it is waited for. */
  readonly heardAt: number;
  /** Whether this comes from a report: of this very dnode more is assumed before it sends one. */
  readonly hasReported: boolean;
}

/** What a report means. */
export type Verdict =
  | { readonly kind: 'accepted'; readonly dnode: DnodeState; readonly cameOnline: boolean }
  | { readonly kind: 'unknown'; readonly detail: string }
  | { readonly kind: 'refused'; readonly reason: OfflineReason; readonly detail: string }
  | { readonly kind: 'dropped'; readonly detail: string };

export interface LivenessOptions {
  /** The cluster's, which are those of this mnode. */
  readonly parameters: ClusterParameters;
  readonly version: string;
}

const idle: HostLoad = { cpu: 0, memory: 0, disk: 0, bandwidth: 0 };
/** Reasons that say no more than that no report came. */
const SILENT_REASONS: ReadonlySet<string> = new Set<OfflineReason>([
  'status msg timeout',
  'status not received',
  'status reset by mnode',
]);
/** Online, or waited for since this mnode became master: silence has a limit for both. */
function mayStillReport({ isOnline, reason }: DnodeStatus): boolean {
  return isOnline || reason === 'status reset by mnode';
}

const noVnodes: ReadonlyMap<number, VnodeReport> = new Map();

export class Liveness {
  readonly #options: LivenessOptions;
  readonly #dnodes = new Map<number, DnodeStatus>();

  constructor(options: LivenessOptions) {
    this.#options = options;
  }

  /** Forgets every report. */
  clear(): void {
    this.#dnodes.clear();
  }

  /** This very dnode is there without a report; its own reports, where it sends any, say the rest. */
  putSelf(dnodeId: number, cores: number, now: number): void {
    this.#dnodes.set(dnodeId, {
      isOnline: true,
      reason: '',
      cores,
      load: idle,
      vnodes: noVnodes,
      heardAt: now,
      hasReported: false,
    });
  }

  /** Judges a report and remembers it. */
  onStatus(state: SdbState, report: StatusReport, now: number): Verdict {
    const dnode = identify(state, report);
    if (dnode.kind !== 'known') {
      if (dnode.kind === 'dropped') this.#mark(state, report.endPoint, 'dnodeId not match', now);
      return dnode;
    }
    const { id } = dnode.dnode;
    const mismatch = this.#mismatch(state, dnode.dnode, report);
    const before = this.of(id, now);
    if (mismatch !== undefined) {
      const isImpostor = !sameEndPoint(report.endPoint, dnode.dnode.endPoint);
      if (!isImpostor || !before.isOnline)
        this.#dnodes.set(id, { ...before, isOnline: false, reason: mismatch.reason });
      return { kind: 'refused', ...mismatch };
    }
    this.#dnodes.set(id, {
      isOnline: true,
      reason: '',
      cores: report.cores,
      load: report.load,
      vnodes: new Map(report.vnodes.map((vnode) => [vnode.vgId, vnode])),
      heardAt: now,
      hasReported: true,
    });
    return { kind: 'accepted', dnode: dnode.dnode, cameOnline: !before.isOnline };
  }

  /** One vnode's state as asked for, between two reports; undefined: the dnode has no such vnode. */
  putVnode(dnodeId: number, vgId: number, report: VnodeReport | undefined): void {
    const status = this.#dnodes.get(dnodeId);
    if (status === undefined) return;
    const vnodes = new Map(status.vnodes);
    if (report === undefined) vnodes.delete(vgId);
    else vnodes.set(vgId, report);
    this.#dnodes.set(dnodeId, { ...status, vnodes });
  }

  /** Time passed; returns the dnodes that went offline. `self` is never silent to itself. */
  tick(state: SdbState, self: number, now: number): number[] {
    const limit = MISSED_REPORTS * this.#options.parameters.statusInterval * 1000;
    const lost: number[] = [];
    for (const [id, status] of this.#dnodes) {
      if (!state.dnodes.has(id)) this.#dnodes.delete(id);
      else if (id !== self && mayStillReport(status) && now - status.heardAt > limit) {
        this.#dnodes.set(id, { ...status, isOnline: false, reason: 'status msg timeout' });
        if (status.isOnline) lost.push(id);
      }
    }
    for (const id of state.dnodes.keys()) if (!this.#dnodes.has(id)) this.#expect(state, id, now);
    return lost;
  }

  /** Dnodes that were silent for longer than `offlineThreshold`. */
  expired(state: SdbState, self: number, now: number): number[] {
    return this.#silent(state, self, now, this.#options.parameters.offlineThreshold * 1000);
  }

  /** Dnodes of which nothing at all is heard, for so long that a report should have come. */
  unheard(state: SdbState, self: number, now: number): number[] {
    const limit = MISSED_REPORTS * this.#options.parameters.statusInterval * 1000;
    return this.#silent(state, self, now, limit).filter((id) =>
      SILENT_REASONS.has(this.of(id).reason),
    );
  }

  /** What was found out of a dnode that does not report. */
  explain(id: number, reason: OfflineReason): void {
    const status = this.#dnodes.get(id);
    if (status !== undefined && !status.isOnline) this.#dnodes.set(id, { ...status, reason });
  }

  #silent(state: SdbState, self: number, now: number, limitMs: number): number[] {
    return [...state.dnodes.keys()].filter((id) => {
      const status = this.#dnodes.get(id);
      return id !== self && status?.isOnline === false && now - status.heardAt > limitMs;
    });
  }

  /** What is known of a dnode; one that never reported is offline. */
  of(id: number, now = 0): DnodeStatus {
    return (
      this.#dnodes.get(id) ?? {
        isOnline: false,
        reason: 'status not received',
        cores: 0,
        load: idle,
        vnodes: noVnodes,
        heardAt: now,
        hasReported: false,
      }
    );
  }

  isOnline(id: number): boolean {
    return this.#dnodes.get(id)?.isOnline === true;
  }

  #expect(state: SdbState, id: number, now: number): void {
    const hasJoined = state.dnodes.get(id)?.hasJoined === true;
    const reason = hasJoined ? 'status reset by mnode' : 'status not received';
    this.#dnodes.set(id, { ...this.of(id, now), reason });
  }

  /** Says of the dnode that has this end point why it does not come. */
  #mark(state: SdbState, endPoint: string, reason: OfflineReason, now: number): void {
    for (const { id, ...dnode } of state.dnodes.values()) {
      if (!sameEndPoint(dnode.endPoint, endPoint) || this.isOnline(id)) continue;
      this.#dnodes.set(id, { ...this.of(id, now), reason });
    }
  }

  #mismatch(state: SdbState, dnode: DnodeState, report: StatusReport): Mismatch | undefined {
    if (report.clusterId !== '' && report.clusterId !== state.clusterId)
      return foreignCluster(report.endPoint, report.clusterId, state.clusterId);
    if (!sameEndPoint(report.endPoint, dnode.endPoint))
      return {
        reason: 'dnodeId not match',
        detail: `dnode ${dnode.id} is ${dnode.endPoint} here and calls itself ${report.endPoint}: its fqdn or serverPort was changed, or its dataDir was copied to another host`,
      };
    if (report.dnodeId === 0 && dnode.hasJoined && holdsData(state, dnode.id))
      return {
        reason: 'dnodeId not match',
        detail: `${report.endPoint} is dnode ${dnode.id}, but its dataDir is empty: drop dnode ${dnode.id} and create it again`,
      };
    return (
      versionMismatch(report.version, this.#options.version) ??
      parameterMismatch(report.parameters, this.#options.parameters)
    );
  }
}

type Identity =
  | { readonly kind: 'known'; readonly dnode: DnodeState }
  | Extract<Verdict, { readonly kind: 'unknown' | 'dropped' }>;

/** By its id; the first time by its end point. */
function identify(state: SdbState, report: StatusReport): Identity {
  const { dnodeId, endPoint, clusterId } = report;
  const dnode =
    dnodeId === 0 || clusterId !== state.clusterId ? undefined : state.dnodes.get(dnodeId);
  if (dnode !== undefined) return { kind: 'known', dnode };
  if (dnodeId !== 0 && clusterId === state.clusterId)
    return {
      kind: 'dropped',
      detail: `dnode ${dnodeId} (${endPoint}) was dropped from this cluster and may not come back with its old data: empty its dataDir and create it again`,
    };
  for (const known of state.dnodes.values())
    if (sameEndPoint(known.endPoint, endPoint)) return { kind: 'known', dnode: known };
  return {
    kind: 'unknown',
    detail: `nobody created dnode '${endPoint}' in this cluster: create dnode '${endPoint}'; the fqdn and serverPort of its taos.cfg must be spelled so`,
  };
}

/** Names of hosts know no case. */
function sameEndPoint(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function holdsData(state: SdbState, dnodeId: number): boolean {
  if (state.mnodes.has(dnodeId)) return true;
  for (const db of state.dbs.values())
    for (const { replicas } of db.vgroups) if (replicas.includes(dnodeId)) return true;
  return false;
}
