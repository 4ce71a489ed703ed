/** What the mnode's master asks of a dnode: the calls of DnodeCommands. Each may be repeated. */
import type { VgId } from '@tdnode/common';
import { vgId, vnodeConfig } from '../codec/service-shapes.ts';
import { count, nothing, optional, struct, union } from '../codec/shape.ts';
import type { MemberChange, VnodeReport, VnodeStart } from '../services/cluster-status.ts';
import type { VnodeConfig } from '../services/vnode-service.ts';
import { defineCall } from './call.ts';
import { vnodeReport, vnodeStart } from './status.ts';

/** A dnode that hangs is asked again later; commands may wait for a disk. */
const DEADLINE_MS = 15_000;

const who = struct<{ dnodeId: number }>({ dnodeId: count });

export const createVnode = defineCall<{ config: VnodeConfig; start: VnodeStart }, void>({
  name: 'dnode.createVnode',
  request: struct<{ config: VnodeConfig; start: VnodeStart }>({
    config: vnodeConfig,
    start: vnodeStart,
  }),
  response: nothing,
  isIdempotent: true,
  lane: 'control',
  deadlineMs: DEADLINE_MS,
});

export const alterVnode = defineCall({
  name: 'dnode.alterVnode',
  request: vnodeConfig,
  response: nothing,
  isIdempotent: true,
  lane: 'control',
  deadlineMs: DEADLINE_MS,
});

export const dropVnode = defineCall<{ vgId: VgId }, void>({
  name: 'dnode.dropVnode',
  request: struct<{ vgId: VgId }>({ vgId }),
  response: nothing,
  isIdempotent: true,
  lane: 'control',
  deadlineMs: DEADLINE_MS,
});

export const changeMembers = defineCall<{ vgId: VgId; change: MemberChange }, void>({
  name: 'dnode.changeMembers',
  request: struct<{ vgId: VgId; change: MemberChange }>({
    vgId,
    change: union<MemberChange>({ addLearner: who, promote: who, remove: who, transfer: who }),
  }),
  response: nothing,
  isIdempotent: true,
  lane: 'control',
  deadlineMs: DEADLINE_MS,
});

export const reportVnode = defineCall<{ vgId: VgId }, VnodeReport | undefined>({
  name: 'dnode.vnodeReport',
  request: struct<{ vgId: VgId }>({ vgId }),
  response: optional(vnodeReport),
  isIdempotent: true,
  lane: 'control',
  deadlineMs: DEADLINE_MS,
});
