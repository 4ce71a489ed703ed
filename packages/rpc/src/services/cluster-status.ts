/**
 * What a dnode tells the mnode's master every `statusInterval`, what it is answered, and what the mnode asks of
 * dnodes meanwhile. Pushed commands come first; the answer to a report only repairs what got lost of them,
 * so every command may be repeated.
 */
import { crc32 } from 'node:zlib';
import type { DbOptions, VgId } from '@tdnode/common';
import type { VnodeConfig } from './vnode-service.ts';

/** A replica's role as `show vgroups` and `show mnodes` print it. */
export type ReplicaRole = 'master' | 'slave' | 'syncing' | 'unsynced' | 'offline';

/** taos.cfg `role`: 0 any, 1 mnode only, 2 vnodes only. */
export type DnodeRole = 0 | 1 | 2;

/** Settings that must be the same on every dnode of a cluster. Times in seconds, as in taos.cfg. */
export interface ClusterParameters {
  readonly numOfMnodes: number;
  readonly balance: number;
  readonly mnodeEqualVnodeNum: number;
  readonly offlineThreshold: number;
  readonly statusInterval: number;
  readonly maxTablesPerVnode: number;
  readonly maxVgroupsPerDb: number;
  readonly arbitrator: string;
  readonly timezone: string;
}

/** How busy a host is, each in percent of what it has. */
export interface HostLoad {
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number;
  readonly bandwidth: number;
}

/** Members of a vgroup as its own log has them: dnode ids, ascending. */
export interface VgroupMembers {
  /** Version of the log entry that brought them; 0: as created. */
  readonly version: number;
  readonly voters: readonly number[];
  readonly learners: readonly number[];
}

/** One vnode (or mnode: vgId 1) of the reporting dnode. */
export interface VnodeReport {
  readonly vgId: number;
  readonly role: ReplicaRole;
  readonly term: number;
  /** The last version in its log. */
  readonly version: number;
  readonly tables: number;
  readonly rows: number;
  readonly points: number;
  /** Bytes on disk. */
  readonly storage: number;
  /** Of its VnodeConfig, as `optionsHash` makes it; undefined: not known. */
  readonly optionsHash?: number;
  /** What its log says, told by masters. */
  readonly members?: VgroupMembers;
}

/** A number that differs when the options of a vnode do: the mnode compares it with its own. */
export function optionsHash(options: DbOptions): number {
  const names = Object.keys(options).sort() as (keyof DbOptions)[];
  return crc32(names.map((name) => `${name}=${String(options[name])}`).join(';'));
}

export interface StatusReport {
  /** 0: never joined a cluster. */
  readonly dnodeId: number;
  /** `fqdn:port`. */
  readonly endPoint: string;
  /** '': never joined a cluster. */
  readonly clusterId: string;
  readonly version: string;
  readonly cores: number;
  readonly role: DnodeRole;
  readonly load: HostLoad;
  readonly parameters: ClusterParameters;
  readonly vnodes: readonly VnodeReport[];
}

/** A dnode and where it listens. */
export interface DnodeAddress {
  readonly dnodeId: number;
  readonly endPoint: string;
}

/** How a new vnode begins: as one of the first voters, or behind a vgroup that is there already. */
export type VnodeStart = 'voter' | 'learner';

export type VnodeCommand =
  | { readonly kind: 'create'; readonly config: VnodeConfig; readonly start: VnodeStart }
  | { readonly kind: 'alter'; readonly config: VnodeConfig }
  | { readonly kind: 'drop'; readonly vgId: number };

export type StatusAnswer =
  | {
      readonly kind: 'welcome';
      readonly dnodeId: number;
      readonly clusterId: string;
      readonly dnodes: readonly DnodeAddress[];
      /** The master first. A dnode that finds itself here runs an mnode, one that does not stops its own. */
      readonly mnodes: readonly DnodeAddress[];
      readonly commands: readonly VnodeCommand[];
    }
  /** Nobody created this end point: knock again, serve nothing. */
  | { readonly kind: 'unknown'; readonly detail: string }
  /** It belongs here but does not fit (parameters, version, ids): stays offline, says why in its log, knocks again. */
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string }
  /** It was dropped and may not come back with its old data: it exits with status 78. */
  | { readonly kind: 'dropped'; readonly detail: string };

/** A change of a vgroup's members or master, asked of its master. */
export type MemberChange =
  | { readonly kind: 'addLearner'; readonly dnodeId: number }
  | { readonly kind: 'promote'; readonly dnodeId: number }
  | { readonly kind: 'remove'; readonly dnodeId: number }
  /** Hands the mastership over. */
  | { readonly kind: 'transfer'; readonly dnodeId: number };

/**
 * How the mnode's master reaches dnodes, its own included. Each call rejects with TaosError when the dnode
 * could not be reached or refused; then it is asked again later.
 */
export interface DnodeCommands {
  /** A vnode that is there already is no error and stays as it is. */
  createVnode(dnodeId: number, config: VnodeConfig, start: VnodeStart): Promise<void>;
  alterVnode(dnodeId: number, config: VnodeConfig): Promise<void>;
  /** A vnode that is not there is no error. */
  dropVnode(dnodeId: number, vgId: VgId): Promise<void>;
  /**
   * Asks the vgroup's master, on `dnodeId`; resolves when the change is committed (a transfer: when it is
   * under way). A change that is in force already is no error.
   */
  changeMembers(dnodeId: number, vgId: VgId, change: MemberChange): Promise<void>;
  /** The vnode as a report would say now; undefined when there is none. */
  vnodeReport(dnodeId: number, vgId: VgId): Promise<VnodeReport | undefined>;
}
