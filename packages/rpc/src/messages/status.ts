/**
 * The heartbeat (services/cluster-status.ts says what its fields mean). A dnode that never joined says id 0 and an
 * empty cluster id: that is how joining works. Also the way in which a dnode of a foreign cluster, or one that
 * dialled a wrong name, reaches a handler, so that `show dnodes` can say why it is refused.
 */
import { endPoint, vgId, vnodeConfig } from '../codec/service-shapes.ts';
import {
  count,
  f64,
  list,
  oneOf,
  optional,
  struct,
  text,
  u8,
  union,
  type Shape,
} from '../codec/shape.ts';
import type {
  ClusterParameters,
  DnodeAddress,
  DnodeRole,
  HostLoad,
  ReplicaRole,
  StatusAnswer,
  StatusReport,
  VgroupMembers,
  VnodeCommand,
  VnodeReport,
  VnodeStart,
} from '../services/cluster-status.ts';
import type { VnodeConfig } from '../services/vnode-service.ts';
import { defineCall } from './call.ts';

const MAX_DNODES = 1024;
const MAX_VNODES = 65_536;
const MAX_REPLICAS = 16;
const SENTENCE_BYTES = 2048;
const ID_BYTES = 64;

const members = struct<VgroupMembers>({
  version: count,
  voters: list(count, MAX_REPLICAS),
  learners: list(count, MAX_REPLICAS),
});

const anyVgId = vgId as unknown as Shape<number>;

/** One vnode. */
export const vnodeReport = struct<VnodeReport>({
  vgId: anyVgId,
  role: oneOf<ReplicaRole>('master', 'slave', 'syncing', 'unsynced', 'offline'),
  term: count,
  version: count,
  tables: count,
  rows: count,
  points: count,
  storage: count,
  optionsHash: optional(f64),
  members: optional(members),
});

/** How a vnode begins. */
export const vnodeStart = oneOf<VnodeStart>('voter', 'learner');

const command = union<VnodeCommand>({
  create: struct<{ config: VnodeConfig; start: VnodeStart }>({
    config: vnodeConfig,
    start: vnodeStart,
  }),
  alter: struct<{ config: VnodeConfig }>({ config: vnodeConfig }),
  drop: struct<{ vgId: number }>({ vgId: anyVgId }),
});

const parameters = struct<ClusterParameters>({
  numOfMnodes: f64,
  balance: f64,
  mnodeEqualVnodeNum: f64,
  offlineThreshold: f64,
  statusInterval: f64,
  maxTablesPerVnode: f64,
  maxVgroupsPerDb: f64,
  arbitrator: text(256),
  timezone: text(256),
});

const report = struct<StatusReport>({
  dnodeId: count,
  endPoint,
  clusterId: text(ID_BYTES),
  version: text(ID_BYTES),
  cores: count,
  role: u8 as unknown as Shape<DnodeRole>,
  load: struct<HostLoad>({ cpu: f64, memory: f64, disk: f64, bandwidth: f64 }),
  parameters,
  vnodes: list(vnodeReport, MAX_VNODES),
});

const addresses = list(struct<DnodeAddress>({ dnodeId: count, endPoint }), MAX_DNODES);
const detail = struct<{ detail: string }>({ detail: text(SENTENCE_BYTES) });

const answer = union<StatusAnswer>({
  welcome: struct<Omit<Extract<StatusAnswer, { kind: 'welcome' }>, 'kind'>>({
    dnodeId: count,
    clusterId: text(ID_BYTES),
    dnodes: addresses,
    mnodes: addresses,
    commands: list(command, MAX_VNODES),
  }),
  unknown: detail,
  refused: struct<{ reason: string; detail: string }>({
    reason: text(SENTENCE_BYTES),
    detail: text(SENTENCE_BYTES),
  }),
  dropped: detail,
});

export const status = defineCall<StatusReport, StatusAnswer>({
  name: 'mnode.status',
  request: report,
  response: answer,
  isIdempotent: true,
  cluster: 'any',
  lane: 'control',
  maxBytes: 32 * 1024 * 1024,
  deadlineMs: 3_000,
});
