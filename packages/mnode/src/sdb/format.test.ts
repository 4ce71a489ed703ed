/** Records and checkpoint: round trips, damage at every byte, and the page that describes them. */
import { readFileSync } from 'node:fs';
import { CorruptionError, SqlType, type Schema } from '@tdnode/common';
import { encodeChanges } from '@tdnode/rpc';
import { MemoryFileSystem } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { defaultMnodeConfig } from '../config.ts';
import { applyRecord } from './apply.ts';
import { encodeCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { decodeRecord, encodeRecord, type SdbRecord } from './records.ts';
import { emptyState, type DnodeState, type SdbState } from './state.ts';

const schema: Schema = {
  version: 1,
  columns: [
    { name: 'ts', type: SqlType.TIMESTAMP, bytes: 8, colId: 1 },
    { name: 'v', type: SqlType.INT, bytes: 4, colId: 2 },
  ],
  tags: [{ name: 'g', type: SqlType.INT, bytes: 4, colId: 1 }],
};
const children = encodeChanges([
  {
    kind: 'createTables',
    schemaUid: 1,
    tables: [
      { uid: 2, name: 'c1', tags: [7] },
      { uid: 3, name: 'c2', tags: [null] },
    ],
  },
]);
const created = 1_600_000_000_000;
const fill = { room: 1000, current: 0 };

function dnodeOf(id: number, endPoint: string): DnodeState {
  return { id, endPoint, created, role: 0, isDropping: false, hasJoined: true };
}

/** One of each kind, in an order that the state machine takes. */
const records: readonly SdbRecord[] = [
  { kind: 'cluster', id: '00000000-0000-4000-8000-000000000000', created },
  {
    kind: 'putUser',
    user: {
      name: 'root',
      privilege: 'super',
      salt: Uint8Array.of(1, 2),
      hash: Uint8Array.of(3, 4),
      created,
    },
  },
  {
    kind: 'putUser',
    user: {
      name: 'u',
      privilege: 'readable',
      salt: new Uint8Array(0),
      hash: new Uint8Array(0),
      created,
    },
  },
  { kind: 'dropUser', name: 'u' },
  { kind: 'putDnode', dnode: dnodeOf(1, 'h:6030') },
  {
    kind: 'putDnode',
    dnode: { ...dnodeOf(2, 'i:6030'), role: 2, isDropping: true, hasJoined: false },
  },
  { kind: 'dropDnode', id: 2 },
  { kind: 'putMnode', mnode: { dnodeId: 1, created } },
  { kind: 'putMnode', mnode: { dnodeId: 2, created } },
  { kind: 'dropMnode', dnodeId: 2 },
  {
    kind: 'putDb',
    name: 'd',
    created,
    options: { ...defaultMnodeConfig.dbDefaults, precision: 'us' },
  },
  { kind: 'addVgroup', db: 'd', vgId: 2, replicas: [1] },
  { kind: 'setReplicas', db: 'd', vgId: 2, membersVersion: 7, replicas: [1, 3] },
  { kind: 'setMove', db: 'd', vgId: 2, move: undefined },
  { kind: 'setMove', db: 'd', vgId: 2, move: { target: 0, source: 1 } },
  {
    kind: 'putSchema',
    db: 'd',
    uid: 1,
    name: 's',
    isStable: true,
    created,
    nextColId: 3,
    nextTagId: 2,
    schema,
  },
  { kind: 'putChildren', db: 'd', created, fill, runs: [{ vgId: 2, payload: children }] },
  {
    kind: 'putSchema',
    db: 'd',
    uid: 4,
    name: 'n',
    isStable: false,
    created,
    nextColId: 3,
    nextTagId: 1,
    schema: { ...schema, tags: [] },
  },
  { kind: 'putNormal', db: 'd', uid: 4, vgId: 2, fill },
  {
    kind: 'putStream',
    db: 'd',
    stream: { uid: 4, user: 'root', db: '', timezone: 'UTC', created, sql: 'select count(*) …' },
  },
  { kind: 'dropTables', db: 'd', tables: [{ name: 'c2', uid: 3, vgId: 2 }] },
  {
    kind: 'putSchema',
    db: 'd',
    uid: 5,
    name: 's2',
    isStable: true,
    created,
    nextColId: 3,
    nextTagId: 2,
    schema,
  },
  { kind: 'dropStable', db: 'd', uid: 5 },
  { kind: 'dropStream', db: 'd', uid: 5 },
  { kind: 'putDb', name: 'e', created, options: defaultMnodeConfig.dbDefaults },
  { kind: 'dropDb', name: 'e', vgIds: [7, 8] },
  { kind: 'told' },
];

function stateOfAll(): SdbState {
  const state = emptyState();
  for (const record of records) applyRecord(state, record);
  return state;
}

test.each(records.map((record) => [record.kind, record] as const))(
  '%s: round trip, and every truncation is refused',
  (_, record) => {
    const bytes = encodeRecord(record);
    expect(decodeRecord(bytes)).toEqual(record);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeRecord(bytes.subarray(0, length))).toThrow(CorruptionError);
    }
  },
);

test('a dnode as it was written before there were several: any role, joined', () => {
  const bytes = Uint8Array.of(4, 1, 0, 0, 0, 1, 0x68, 0, 0, 0, 0, 0, 0, 0, 0);
  expect(decodeRecord(bytes)).toEqual({
    kind: 'putDnode',
    dnode: { ...dnodeOf(1, 'h'), created: 0 },
  });
});

test("members of an older entry of the vgroup's log change nothing", () => {
  const state = stateOfAll();
  applyRecord(state, { kind: 'setReplicas', db: 'd', vgId: 2, membersVersion: 6, replicas: [9] });
  expect(state.dbs.get('d')!.vgroups[0]!.replicas).toEqual([1, 3]);
});

test('an unknown kind is corruption, not ignored', () => {
  expect(() => decodeRecord(Uint8Array.of(99, 1, 100))).toThrow('unknown kind 99');
});

test('a checkpoint brings back the state, counters of dropped things included', () => {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/m');
  writeCheckpoint(fs, '/m', encodeCheckpoint(stateOfAll(), 18));
  const { state, version } = readCheckpoint(fs, '/m');
  expect(version).toBe(18);
  expect([state.nextUid, state.nextVgId, state.nextDnodeId]).toEqual([6, 3, 3]);
  expect(encodeCheckpoint(state, 18)).toEqual(encodeCheckpoint(stateOfAll(), 18));
});

test('a checkpoint with any byte changed, or cut, is refused', () => {
  const bytes = encodeCheckpoint(stateOfAll(), 18);
  const fs = new MemoryFileSystem();
  fs.makeFolder('/m');
  const read = (damaged: Uint8Array): void => {
    const handle = fs.open('/m/checkpoint', 'create');
    handle.write(damaged, 0);
    handle.close();
    readCheckpoint(fs, '/m');
  };
  for (let i = 0; i < bytes.length; i++) {
    if (i >= 12 && i < 16) continue; // reserved
    const damaged = bytes.slice();
    damaged[i]! ^= 1 << (i % 8);
    expect(() => read(damaged), `byte ${i}`).toThrow(CorruptionError);
    expect(() => read(bytes.slice(0, i)), `cut at ${i}`).toThrow(CorruptionError);
  }
});

/** The hex dump below a heading of the page. */
function dumpOf(title: string): Buffer {
  const page = readFileSync(new URL('../../../../docs/format/mnode.md', import.meta.url), 'utf8');
  const block = new RegExp(`${title}[^]*?\`\`\`hex\\n([^]*?)\`\`\``).exec(page)![1]!;
  return Buffer.from(block.replace(/ *\|.*$/gm, '').replace(/\s+/g, ''), 'hex');
}

test('the page shows the bytes of a batch of child tables', () => {
  const record = records.find(({ kind }) => kind === 'putChildren')!;
  expect(dumpOf('A batch of child tables').toString('hex')).toBe(
    Buffer.from(encodeRecord(record)).toString('hex'),
  );
});

test('the page shows the bytes of a checkpoint', () => {
  const state = emptyState();
  for (const record of records.slice(4, 5)) applyRecord(state, record);
  expect(dumpOf('A checkpoint').toString('hex')).toBe(
    Buffer.from(encodeCheckpoint(state, 4)).toString('hex'),
  );
});

test('a checkpoint from before there were several dnodes is still read', () => {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/m');
  const handle = fs.open('/m/checkpoint', 'create');
  handle.write(dumpOf('The same as it was written before'), 0);
  handle.close();
  expect(readCheckpoint(fs, '/m').state.dnodes.get(1)).toEqual(dnodeOf(1, 'h:6030'));
});
