import { expect, test } from 'vitest';
import { planMnodes, type MnodeCandidate } from './mnode-plan.ts';

const dnode = (id: number, more: Partial<MnodeCandidate> = {}): MnodeCandidate => ({
  id,
  role: 0,
  isOnline: true,
  isDropping: false,
  hasMnode: false,
  ...more,
});
const mnode = (id: number, more: Partial<MnodeCandidate> = {}): MnodeCandidate =>
  dnode(id, { hasMnode: true, ...more });

test.each<[string, MnodeCandidate[], ReturnType<typeof planMnodes>]>([
  ['alone', [mnode(1)], undefined],
  ['the second joins', [mnode(1), dnode(2)], { kind: 'add', dnodeId: 2 }],
  ['vnodes only gets none', [mnode(1), dnode(2, { role: 2 })], undefined],
  ['mnode only does', [mnode(1), dnode(2, { role: 1 })], { kind: 'add', dnodeId: 2 }],
  ['offline ones wait', [mnode(1), dnode(2, { isOnline: false })], undefined],
  ['three are enough', [mnode(1), mnode(2), mnode(3), dnode(4)], undefined],
  [
    'a replacement comes before one that is dropped leaves',
    [mnode(1), mnode(2, { isDropping: true }), mnode(3), dnode(4)],
    { kind: 'add', dnodeId: 4 },
  ],
  [
    'then it leaves',
    [mnode(1), mnode(2, { isDropping: true }), mnode(3), mnode(4)],
    { kind: 'remove', dnodeId: 2 },
  ],
  [
    'without a replacement too',
    [mnode(1), mnode(2, { isDropping: true })],
    { kind: 'remove', dnodeId: 2 },
  ],
  [
    'an mnode away stays one',
    [mnode(1), mnode(2, { isOnline: false }), mnode(3), dnode(4)],
    undefined,
  ],
  ['too many', [mnode(1), mnode(2), mnode(3), mnode(4)], { kind: 'remove', dnodeId: 4 }],
])('%s', (_, dnodes, expected) => {
  expect(planMnodes(dnodes, 3, 1)).toEqual(expected);
});
