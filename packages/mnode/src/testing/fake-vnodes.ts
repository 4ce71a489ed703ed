/** A VnodeService for tests: applies changes to plain maps and can be told to fail. Idempotent, as real vnodes are. */
import { ErrorCode, TaosError, type Schema, type TagValue, type VgId } from '@tdnode/common';
import {
  decodeChanges,
  type Change,
  type FragmentStream,
  type VnodeConfig,
  type VnodeService,
  type VnodeStats,
  type WriteKind,
  type WriteResult,
} from '@tdnode/rpc';

interface FakeTable {
  readonly tid: number;
  readonly name: string;
  readonly schemaUid: number;
  /** By tag id. */
  readonly tags: Map<number, TagValue>;
}

/** One vnode as the fake keeps it. */
export interface FakeVnode {
  config: VnodeConfig;
  version: number;
  lastTid: number;
  readonly schemas: Map<number, Schema>;
  readonly tables: Map<number, FakeTable>;
}

export class FakeVnodes implements VnodeService {
  readonly vnodes = new Map<number, FakeVnode>();
  /** Every change that was applied, in order. */
  readonly log: { readonly vgId: number; readonly change: Change }[] = [];
  /** Calls that change something fail with this, while set. */
  failure: Error | undefined;
  /** Vnodes are out of service: they may be dropped, nothing else. */
  damaged = false;

  async write(vgId: VgId, kind: WriteKind, payload: Uint8Array): Promise<WriteResult> {
    const changes = kind === 'change' ? decodeChanges(payload.slice()) : [];
    await Promise.resolve();
    this.#mayServe();
    const vnode = this.#vnode(vgId);
    for (const change of changes) {
      this.log.push({ vgId, change });
      apply(vnode, change);
    }
    return { version: ++vnode.version };
  }

  query(): FragmentStream {
    throw new Error('the mnode asks no questions');
  }

  async tids(vgId: VgId, uids: Float64Array): Promise<Uint32Array> {
    this.#mayServe();
    const { tables } = this.#vnode(vgId);
    return Uint32Array.from(uids, (uid) => tables.get(uid)?.tid ?? 0);
  }

  async tags(vgId: VgId, uid: number): Promise<readonly TagValue[] | undefined> {
    const vnode = this.#vnode(vgId);
    const table = vnode.tables.get(uid);
    if (table === undefined) return undefined;
    return vnode.schemas.get(table.schemaUid)!.tags.map((tag) => table.tags.get(tag.colId) ?? null);
  }

  async stats(vgId: VgId): Promise<VnodeStats> {
    this.#mayServe();
    const { config, tables, version } = this.#vnode(vgId);
    return {
      db: config.db,
      tables: tables.size,
      rows: 0,
      version,
      memoryBytes: 0,
      fileBytes: 0,
      logRecords: version,
      commits: 0,
    };
  }

  async create(config: VnodeConfig): Promise<void> {
    this.#mayFail();
    if (this.vnodes.has(config.vgId)) throw new Error('vnode created twice');
    this.vnodes.set(config.vgId, {
      config,
      version: 0,
      lastTid: 0,
      schemas: new Map(),
      tables: new Map(),
    });
  }

  async alter(config: VnodeConfig): Promise<void> {
    this.#mayServe();
    this.#vnode(config.vgId).config = config;
  }

  async drop(vgId: VgId): Promise<void> {
    this.#mayFail();
    this.#vnode(vgId);
    this.vnodes.delete(vgId);
  }

  async flush(): Promise<void> {}

  async sync(): Promise<void> {
    this.#mayFail();
  }

  #mayServe(): void {
    if (this.damaged) throw new TaosError(ErrorCode.TDB_FILE_CORRUPTED);
    this.#mayFail();
  }

  #mayFail(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  #vnode(vgId: number): FakeVnode {
    const vnode = this.vnodes.get(vgId);
    if (vnode === undefined) throw new TaosError(ErrorCode.VND_INVALID_VGROUP_ID);
    return vnode;
  }
}

function apply(vnode: FakeVnode, change: Change): void {
  switch (change.kind) {
    case 'putSchema':
      vnode.schemas.set(change.uid, change.schema);
      return;
    case 'createTables':
      createTables(vnode, change);
      return;
    case 'dropTables':
      for (const uid of change.uids) vnode.tables.delete(uid);
      return;
    case 'dropStable':
      for (const [uid, table] of vnode.tables)
        if (table.schemaUid === change.uid) vnode.tables.delete(uid);
      vnode.schemas.delete(change.uid);
      return;
    case 'setTag':
      vnode.tables.get(change.uid)!.tags.set(change.colId, change.value);
      return;
    case 'deleteRows':
      throw new Error('the mnode deletes no rows');
  }
}

function createTables(
  vnode: FakeVnode,
  { schemaUid, tables }: Extract<Change, { readonly kind: 'createTables' }>,
): void {
  const schema = vnode.schemas.get(schemaUid);
  if (schema === undefined) throw new Error(`tables of an unknown schema ${schemaUid}`);
  for (const { uid, name, tags } of tables) {
    if (vnode.tables.has(uid)) continue;
    const values = new Map(schema.tags.map((tag, i) => [tag.colId, tags[i] ?? null]));
    vnode.tables.set(uid, { tid: ++vnode.lastTid, name, schemaUid, tags: values });
  }
}
