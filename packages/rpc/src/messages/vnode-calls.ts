/** The calls of VnodeService, and thereby the commands that the mnode gives a dnode: create, alter, drop. */
import type { TagValue, VgId } from '@tdnode/common';
import { plainObject } from '../codec/plain-data.ts';
import { tagValue, vgId, vnodeConfig } from '../codec/service-shapes.ts';
import {
  blob,
  count,
  f64,
  list,
  nothing,
  oneOf,
  optional,
  struct,
  text,
  type Shape,
} from '../codec/shape.ts';
import { MAX_LARGE_BYTES } from '../limits/limits.ts';
import type {
  VnodeReplicationStats,
  VnodeStats,
  WriteKind,
  WriteResult,
} from '../services/vnode-service.ts';
import { defineCall, defineStream } from './call.ts';

const MAX_DB_BYTES = 255;
const MAX_UIDS = 1_000_000;
const MAX_TAGS = 1024;
const MAX_REPLICAS = 16;

/** Numbers side by side, eight bytes each. */
const uidArray: Shape<Float64Array> = {
  describe: 'uids',
  write(writer, values) {
    rawBytes.write(writer, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  },
  read(reader) {
    const bytes = new Uint8Array(rawBytes.read(reader));
    return new Float64Array(bytes.buffer, 0, bytes.length >> 3);
  },
};
const rawBytes = blob(MAX_UIDS * 8);

const tidArray: Shape<Uint32Array> = {
  describe: 'tids',
  write(writer, values) {
    rawBytes.write(writer, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  },
  read(reader) {
    const bytes = new Uint8Array(rawBytes.read(reader));
    return new Uint32Array(bytes.buffer, 0, bytes.length >> 2);
  },
};

const one = struct<{ vgId: VgId }>({ vgId });

/** One write; the payload is a view into the message. */
export interface WriteRequest {
  readonly vgId: VgId;
  readonly kind: WriteKind;
  readonly payload: Uint8Array;
}

/** Not idempotent: a second time makes a second version. */
export const vnodeWrite = defineCall<WriteRequest, WriteResult>({
  name: 'vnode.write',
  request: struct<WriteRequest>({
    vgId,
    kind: oneOf<WriteKind>('submit', 'change'),
    payload: blob(MAX_LARGE_BYTES),
  }),
  response: struct<WriteResult>({ version: count }),
  isIdempotent: false,
  maxBytes: MAX_LARGE_BYTES,
});

/** A fragment, and the version that a slave must have applied; left out: only the master is asked. */
export interface QueryRequest {
  readonly vgId: VgId;
  readonly fragment: object;
  readonly atLeast?: number;
}

/** Frames are encoded batches. */
export const vnodeQuery = defineStream<QueryRequest>({
  name: 'vnode.query',
  request: struct<QueryRequest>({ vgId, fragment: plainObject, atLeast: optional(f64) }),
  isIdempotent: true,
});

export const vnodeTids = defineCall<{ vgId: VgId; uids: Float64Array }, Uint32Array>({
  name: 'vnode.tids',
  request: struct<{ vgId: VgId; uids: Float64Array }>({ vgId, uids: uidArray }),
  response: tidArray,
  isIdempotent: true,
  maxBytes: MAX_UIDS * 8 + 64,
});

export const vnodeTags = defineCall<{ vgId: VgId; uid: number }, readonly TagValue[] | undefined>({
  name: 'vnode.tags',
  request: struct<{ vgId: VgId; uid: number }>({ vgId, uid: f64 }),
  response: optional(list(tagValue, MAX_TAGS)),
  isIdempotent: true,
});

const replication = struct<VnodeReplicationStats>({
  role: oneOf<VnodeReplicationStats['role']>('master', 'slave', 'syncing', 'unsynced', 'offline'),
  term: count,
  lastVersion: count,
  commit: count,
  master: f64,
  members: struct<VnodeReplicationStats['members']>({
    version: count,
    voters: list(count, MAX_REPLICAS),
    learners: list(count, MAX_REPLICAS),
  }),
});

export const vnodeStats = defineCall<{ vgId: VgId }, VnodeStats>({
  name: 'vnode.stats',
  request: one,
  response: struct<VnodeStats>({
    db: text(MAX_DB_BYTES),
    tables: count,
    rows: count,
    version: count,
    memoryBytes: count,
    fileBytes: count,
    logRecords: count,
    commits: count,
    lastCommitMs: optional(f64),
    replication: optional(replication),
  }),
  isIdempotent: true,
});

/** A vnode that exists as asked is success, so that the command may be repeated. */
export const vnodeCreate = defineCall({
  name: 'vnode.create',
  request: vnodeConfig,
  response: nothing,
  isIdempotent: true,
  lane: 'control',
});

export const vnodeAlter = defineCall({
  name: 'vnode.alter',
  request: vnodeConfig,
  response: nothing,
  isIdempotent: true,
  lane: 'control',
});

export const vnodeDrop = defineCall({
  name: 'vnode.drop',
  request: one,
  response: nothing,
  isIdempotent: true,
  lane: 'control',
});

export const vnodeSync = defineCall({
  name: 'vnode.sync',
  request: one,
  response: nothing,
  isIdempotent: true,
  deadlineMs: 60_000,
});

export const vnodeFlush = defineCall({
  name: 'vnode.flush',
  request: one,
  response: nothing,
  isIdempotent: true,
  deadlineMs: 300_000,
});
