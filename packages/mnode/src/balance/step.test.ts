/** A move as a table: what is there, and what comes next. */
import type { VnodeReport } from '@tdnode/rpc';
import { expect, test } from 'vitest';
import { nextStep, type MovingVgroup, type Step } from './step.ts';

type Role = VnodeReport['role'];

interface Scene {
  readonly move: readonly [target: number, source: number];
  readonly voters: readonly number[];
  readonly learners?: readonly number[];
  readonly away?: readonly number[];
  /** By dnode: role and version. The first is the master. */
  readonly vnodes: Readonly<Record<number, readonly [Role, number]>>;
  readonly step: Step;
}

function vgroupOf({ move, voters, learners = [], away = [], vnodes }: Scene): MovingVgroup {
  const [target, source] = move;
  const master = Object.entries(vnodes).find(([, [role]]) => role === 'master')![0];
  return {
    move: { target, source },
    master: Number(master),
    members: { version: 1, voters, learners },
    isUsable: (id) => !away.includes(id),
    vnode(id) {
      const [role, version] = vnodes[id] ?? [];
      if (role === undefined || version === undefined) return undefined;
      return { vgId: 2, role, version, term: 1, tables: 0, rows: 0, points: 0, storage: 0 };
    },
  };
}

const change = (kind: 'addLearner' | 'promote' | 'remove' | 'transfer', dnodeId: number): Step => ({
  kind: 'changeMembers',
  change: { kind, dnodeId },
});
const end: Step = { kind: 'setMove', move: undefined };

test.each<[string, Scene]>([
  [
    'nothing on the target yet',
    {
      move: [2, 1],
      voters: [1],
      vnodes: { 1: ['master', 9] },
      step: { kind: 'createVnode', dnodeId: 2 },
    },
  ],
  [
    'an empty vnode on the target',
    {
      move: [2, 1],
      voters: [1],
      vnodes: { 1: ['master', 9], 2: ['unsynced', 0] },
      step: change('addLearner', 2),
    },
  ],
  [
    'it learns',
    {
      move: [2, 1],
      voters: [1],
      learners: [2],
      vnodes: { 1: ['master', 9], 2: ['syncing', 4] },
      step: { kind: 'wait', why: 'dnode 2 is at version 4 of 9' },
    },
  ],
  [
    'it has caught up',
    {
      move: [2, 1],
      voters: [1],
      learners: [2],
      vnodes: { 1: ['master', 9], 2: ['slave', 9] },
      step: change('promote', 2),
    },
  ],
  [
    'a voter: the source is master and hands over',
    {
      move: [2, 1],
      voters: [1, 2],
      vnodes: { 1: ['master', 9], 2: ['slave', 9] },
      step: change('transfer', 2),
    },
  ],
  [
    'the target is no slave yet: nobody to hand over to',
    {
      move: [2, 1],
      voters: [1, 2],
      vnodes: { 1: ['master', 9], 2: ['syncing', 9] },
      step: { kind: 'wait', why: 'no slave can follow dnode 1' },
    },
  ],
  [
    'the source is slave',
    {
      move: [2, 1],
      voters: [1, 2],
      vnodes: { 1: ['slave', 9], 2: ['master', 9] },
      step: change('remove', 1),
    },
  ],
  ['the source has left', { move: [2, 1], voters: [2], vnodes: { 2: ['master', 9] }, step: end }],
  [
    'one replica more, no source',
    { move: [2, 0], voters: [1, 2], vnodes: { 1: ['master', 9], 2: ['slave', 9] }, step: end },
  ],
  [
    'the target went away before it began',
    { move: [2, 1], voters: [1], away: [2], vnodes: { 1: ['master', 9] }, step: end },
  ],
  [
    'the target went away as a learner',
    {
      move: [2, 1],
      voters: [1],
      learners: [2],
      away: [2],
      vnodes: { 1: ['master', 9] },
      step: { kind: 'setMove', move: { target: 0, source: 2 } },
    },
  ],
  [
    'one replica less: the slave that has most follows the master',
    {
      move: [0, 1],
      voters: [1, 2, 3],
      vnodes: { 1: ['master', 9], 2: ['slave', 7], 3: ['slave', 8] },
      step: change('transfer', 3),
    },
  ],
  ['the last voter stays', { move: [0, 1], voters: [1], vnodes: { 1: ['master', 9] }, step: end }],
  [
    'a source that is away leaves too',
    {
      move: [0, 3],
      voters: [1, 2, 3],
      away: [3],
      vnodes: { 1: ['master', 9] },
      step: change('remove', 3),
    },
  ],
])('%s', (_, scene) => {
  expect(nextStep(vgroupOf(scene))).toEqual(scene.step);
});
