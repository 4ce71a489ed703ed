/**
 * How everybody above reaches a vnode, local or on another host. Buffers given to these calls are copied
 * before the call returns; buffers that come back belong to the caller.
 */
import type { DbOptions, TagValue, VgId } from '@tdnode/common';

/** Everything a vnode must know to exist; stored as its config.json. */
export interface VnodeConfig {
  readonly vgId: VgId;
  readonly db: string;
  readonly options: DbOptions;
  /** Replicas by dnode id, in the order of `show vgroups`. */
  readonly replicas: readonly { readonly dnodeId: number; readonly endPoint: string }[];
}

export interface WriteResult {
  /** The version the write got in its vgroup. */
  readonly version: number;
}

/** Kinds of log records that a client of a vnode may ask for. */
export type WriteKind = 'submit' | 'change';

/** Rows of a running fragment; each item is an encoded batch (`decodeBatch`). */
export interface FragmentStream extends AsyncIterable<Uint8Array> {
  /** Stops the fragment and frees what it holds; also called by leaving the loop early. */
  cancel(): void;
}

export interface VnodeStats {
  readonly db: string;
  readonly tables: number;
  /** Rows in memory and in files; duplicates between them counted twice. */
  readonly rows: number;
  readonly version: number;
  readonly memoryBytes: number;
  readonly fileBytes: number;
  /** Records that its log keeps. */
  readonly logRecords: number;
  /** Commits to files since it was opened. */
  readonly commits: number;
  /** How long the last commit took, ms with fractions; left out before one. */
  readonly lastCommitMs?: number;
  /** Left out where the vnode never had replicas. */
  readonly replication?: VnodeReplicationStats;
}

/** A vnode as a replica of its vgroup. */
export interface VnodeReplicationStats {
  readonly role: 'master' | 'slave' | 'syncing' | 'unsynced' | 'offline';
  readonly term: number;
  /** The last version in its log. */
  readonly lastVersion: number;
  /** Versions up to this one are the vgroup's for ever. */
  readonly commit: number;
  /** Dnode of the master as far as is known; -1. */
  readonly master: number;
  /** As its log has them, with the version of the entry that brought them. */
  readonly members: {
    readonly version: number;
    readonly voters: readonly number[];
    readonly learners: readonly number[];
  };
}

export interface VnodeService {
  /**
   * Logs and applies one write; resolves when it is acknowledged as `walLevel`, `fsync` and `quorum` say.
   * A submit (docs/format/submit.md) or a change (docs/format/change.md).
   */
  write(vgId: VgId, kind: WriteKind, payload: Uint8Array): Promise<WriteResult>;
  /**
   * Runs one fragment of a query (made by package `query`; plain data, structured-cloneable). Left out, `atLeast`
   * asks for the master; given, a slave answers too once it has applied that version, or redirects after 100 ms.
   */
  query(vgId: VgId, fragment: object, atLeast?: number): FragmentStream;
  /** The tid of each table, 0 where the vnode has no such table. */
  tids(vgId: VgId, uids: Float64Array): Promise<Uint32Array>;
  /** The tag values of a child table in its schema's order; undefined where the vnode has no such table. */
  tags(vgId: VgId, uid: number): Promise<readonly TagValue[] | undefined>;
  stats(vgId: VgId): Promise<VnodeStats>;
  create(config: VnodeConfig): Promise<void>;
  /** Changed database options reach the vnode. */
  alter(config: VnodeConfig): Promise<void>;
  drop(vgId: VgId): Promise<void>;
  /** Makes all that was acknowledged reach the disk, whatever `walLevel` says. */
  sync(vgId: VgId): Promise<void>;
  /** Puts all that is in memory into files (tests, `taosd --compact`, clean stop). */
  flush(vgId: VgId): Promise<void>;
}
