/**
 * A sample in real vnodes, on disks in memory: written in several submits out of order, some rows twice, left in
 * memory, brought to files, or both; some deleted again; and SQL run over it as a coordinator would.
 */
import {
  ColumnForm,
  SqlType,
  seededRandom,
  silentLogger,
  storedNanoseconds,
  submitGroupBytes,
  timeArithmetic,
  timeZone,
  vectorValue,
  writeSubmitGroup,
  type DbOptions,
  type Random,
  type Schema,
  type VgId,
} from '@tdnode/common';
import {
  planSelect,
  runFragment,
  runPlan,
  type PlanEnvironment,
  type PlanTable,
} from '@tdnode/query';
import { encodeChanges } from '@tdnode/rpc';
import { parseStatement } from '@tdnode/sql';
import { ManualClock, MemoryFileSystem } from '@tdnode/testkit';
import { Vnode, VnodeScan, runWrites, type VnodeWrite } from '@tdnode/vnode';
import { RECORD_HEADER_BYTES, recordBytes } from '@tdnode/wal';
import {
  BEGIN_MS,
  below,
  oneOf,
  type Deletion,
  type Row,
  type Sample,
  type Table,
} from './sample.ts';

/** A value of an answer. */
export type Value = null | number | bigint | string;

const STABLE = 1000;
const schema: Schema = {
  version: 1,
  columns: [
    { name: 'ts', type: SqlType.TIMESTAMP, bytes: 8, colId: 1 },
    { name: 'i', type: SqlType.INT, bytes: 4, colId: 2 },
    { name: 'd', type: SqlType.DOUBLE, bytes: 8, colId: 3 },
    { name: 'b', type: SqlType.BIGINT, bytes: 8, colId: 4 },
    { name: 's', type: SqlType.BINARY, bytes: 8, colId: 5 },
    { name: 'k', type: SqlType.SMALLINT, bytes: 2, colId: 6 },
  ],
  tags: [
    { name: 'g', type: SqlType.INT, bytes: 4, colId: 1 },
    { name: 'p', type: SqlType.BINARY, bytes: 8, colId: 2 },
  ],
};

function optionsOf({ precision }: Sample, update: number): DbOptions {
  return {
    replica: 1,
    quorum: 1,
    days: 10,
    keep: [3650, 3650, 3650],
    cache: 16,
    blocks: 6,
    minRows: 10,
    maxRows: 200,
    comp: 2,
    walLevel: 1,
    fsync: 3000,
    cacheLast: 0,
    update,
    precision,
  };
}

/** See the head of this file. */
export class Database {
  readonly #sample: Sample;
  readonly #vnodes = new Map<number, Vnode>();
  readonly #environment: PlanEnvironment;

  constructor(sample: Sample, seed: number) {
    this.#sample = sample;
    const random = seededRandom(seed);
    for (const vgId of [2, 3]) this.#vnodes.set(vgId, openVnode(sample, vgId, random));
    this.#environment = this.#environmentOf();
  }

  close(): void {
    for (const vnode of this.#vnodes.values()) vnode.close();
  }

  /** The rows that a SELECT answers. */
  async query(sql: string): Promise<Value[][]> {
    const statement = parseStatement(sql);
    if (statement.kind !== 'select') throw new Error('a select is wanted');
    const plan = planSelect(statement, this.#environment);
    const vnodes = this.#vnodes;
    const host = {
      open: (target: (typeof plan.targets)[number]) =>
        batches(new VnodeScan(vnodes.get(target.vgId)!), structuredClone(target.fragment)),
      pause: () => Promise.resolve(),
    };
    const rows: Value[][] = [];
    for await (const batch of runPlan(plan, host)) {
      for (let row = 0; row < batch.rows; row++) {
        rows.push(batch.columns.map((vector) => plain(vectorValue(vector, row))));
      }
    }
    return rows;
  }

  #environmentOf(): PlanEnvironment {
    const { precision, tables } = this.#sample;
    const known = new Map<string, PlanTable>([
      ['st', { uid: STABLE, db: 'd', name: 'st', kind: 'stable', vgId: 0, schema }],
    ]);
    for (const { name, uid, vgId } of tables)
      known.set(name, { uid, db: 'd', name, kind: 'child', vgId, schema });
    return {
      table: (_db, name) => known.get(name),
      vgroups: () => [...this.#vnodes.keys()],
      db: 'd',
      user: 'root',
      version: '2.1.2.0',
      precision,
      timeZone: timeZone('UTC'),
      now: timeArithmetic(precision).fromMs(BEGIN_MS),
      keepColumnName: false,
      memoryBudgetBytes: 64 << 20,
    };
  }
}

async function* batches(
  scan: VnodeScan,
  fragment: Parameters<typeof runFragment>[0],
): AsyncGenerator<Uint8Array> {
  for (const bytes of runFragment(fragment, scan)) {
    if (bytes === undefined) await Promise.resolve();
    else yield bytes;
  }
}

function plain(value: ReturnType<typeof vectorValue>): Value {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
}

function openVnode(sample: Sample, vgId: number, random: Random): Vnode {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/v');
  const services = { fs, clock: new ManualClock(BEGIN_MS + 70 * 86_400_000), logger: silentLogger };
  const options = optionsOf(sample, below(random, 2));
  const config = { vgId: vgId as VgId, db: 'd', options, replicas: [] };
  const vnode = Vnode.open(services, '/v', config);
  const tables = sample.tables.filter((table) => table.vgId === vgId);
  write(vnode, 'change', createTables(tables));
  const place = oneOf(random, ['memory', 'files', 'both', 'joined files'] as const);
  for (const rows of portions(sample, tables, random)) {
    if (rows.length > 0) write(vnode, 'submit', submit(sample, tables, rows));
    if (place === 'joined files' || (place === 'both' && below(random, 2) === 0)) vnode.flush();
  }
  if (place === 'files') vnode.flush();
  for (const one of sample.deletes) if (tables.includes(one.table)) remove(vnode, sample, one);
  if (place === 'files' && below(random, 2) === 0) vnode.flush();
  if (place === 'joined files') while (vnode.runSlice(Infinity) === 'more');
  return vnode;
}

/** The tables' rows in up to four portions, each ascending; some rows come again. */
function portions(sample: Sample, tables: readonly Table[], random: Random): Row[][] {
  const count = 1 + below(random, 4);
  const parts: Row[][] = Array.from({ length: count }, () => []);
  for (const row of [...sample.rows, ...sample.deleted].sort((a, b) => (a.ts < b.ts ? -1 : 1))) {
    if (!tables.includes(row.table)) continue;
    const first = below(random, count);
    parts[first]!.push(row);
    const again = below(random, count);
    if (again !== first && below(random, 8) === 0) parts[again]!.push(row);
  }
  return parts;
}

function remove(vnode: Vnode, { precision }: Sample, { table, from, to }: Deletion): void {
  const stored = (ticks: bigint): number =>
    precision === 'ns' ? storedNanoseconds(ticks) : Number(ticks);
  const change = { uid: table.uid, isStable: false, from: stored(from), to: stored(to) };
  write(vnode, 'change', encodeChanges([{ kind: 'deleteRows', ...change }]));
}

function createTables(tables: readonly Table[]): Uint8Array {
  const text = (value: string | null): Uint8Array | null =>
    value === null ? null : new TextEncoder().encode(value);
  return encodeChanges([
    { kind: 'putSchema', uid: STABLE, name: 'st', isStable: true, schema },
    {
      kind: 'createTables',
      schemaUid: STABLE,
      tables: tables.map(({ uid, name, g, p }) => ({ uid, name, tags: [g, text(p)] })),
    },
  ]);
}

function write(vnode: Vnode, kind: 'submit' | 'change', payload: Uint8Array): void {
  const bytes = new Uint8Array(recordBytes(payload.length));
  bytes.set(payload, RECORD_HEADER_BYTES);
  const state = { version: 0, error: undefined, isWaiting: false, isPosted: false };
  const place = { at: 0, length: payload.length, flush: 0, index: 0 };
  const one: VnodeWrite = { kind, bytes, ...place, ...state };
  runWrites(vnode, [one]);
  if (one.error !== undefined) throw one.error;
}

function submit(sample: Sample, tables: readonly Table[], rows: readonly Row[]): Uint8Array {
  const parts = tables
    .map((table) => rows.filter((row) => row.table === table))
    .filter((part) => part.length > 0);
  const all = parts.flat();
  const isNs = sample.precision === 'ns';
  const column = (colId: number, data: ArrayBufferView, form: ColumnForm = ColumnForm.NATIVE) => ({
    colId,
    type: schema.columns[colId - 1]!.type,
    form,
    data: [new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)],
  });
  const source = {
    schemaUid: STABLE,
    schemaVersion: 1,
    rows: all.length,
    segments: parts.length,
    uids: parts.map((part) => part[0]!.table.uid),
    rowCounts: parts.map((part) => part.length),
    columns: [
      column(
        1,
        Float64Array.from(all, ({ ts }) => (isNs ? storedNanoseconds(ts) : Number(ts))),
        ColumnForm.WIDE_AS_DOUBLE,
      ),
      column(
        2,
        Int32Array.from(all, ({ i }) => i ?? -(2 ** 31)),
      ),
      column(
        3,
        Float64Array.from(all, ({ d }) => d ?? NaN),
      ),
      column(
        4,
        BigInt64Array.from(all, ({ b }) => b ?? -(2n ** 63n)),
      ),
      { ...column(5, new Uint8Array(0)), data: [strings(all.map(({ s }) => s))] },
      column(
        6,
        Int16Array.from(all, ({ k }) => k),
      ),
    ],
  };
  const payload = new Uint8Array(submitGroupBytes(source));
  writeSubmitGroup(source, payload, 0);
  return payload;
}

/** Offsets, bits of NULLs, bytes. */
function strings(values: readonly (string | null)[]): Uint8Array {
  const texts = values.map((value) => new TextEncoder().encode(value ?? ''));
  const offsets = new Uint32Array(values.length + 1);
  const nulls = new Uint8Array((values.length + 7) >> 3);
  texts.forEach((text, n) => {
    offsets[n + 1] = offsets[n]! + text.length;
    if (values[n] === null) nulls[n >> 3]! |= 1 << (n & 7);
  });
  return Buffer.concat([new Uint8Array(offsets.buffer), nulls, ...texts]);
}
