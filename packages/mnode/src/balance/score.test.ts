import { expect, test } from 'vitest';
import { scoreOf } from './score.ts';

const idle = { cpu: 0, memory: 0, disk: 0, bandwidth: 0 };

test.each([
  ['two cores, an mnode and a vnode: as recorded', 2, true, 1, idle, [0, 0, 2, 0.5, 2.5]],
  ['six vnodes and no mnode', 4, false, 6, idle, [0, 0, 0, 1.5, 1.5]],
  ['an unknown number of cores counts as one', 0, false, 2, idle, [0, 0, 0, 2, 2]],
  [
    'below the limits',
    1,
    false,
    0,
    { cpu: 79, memory: 79, disk: 79, bandwidth: 29 },
    [0, 0, 0, 0, 0],
  ],
  ['busy', 1, false, 0, { cpu: 80, memory: 80, disk: 80, bandwidth: 30 }, [40, 0, 0, 0, 40]],
  ['full', 1, false, 0, { cpu: 90, memory: 90, disk: 90, bandwidth: 80 }, [200, 0, 0, 0, 200]],
] as const)('%s', (_, cores, hasMnode, vnodes, load, expected) => {
  const { system, custom, module, vnode, total } = scoreOf(
    { id: 1, cores, hasMnode, vnodes, load },
    4,
  );
  expect([system, custom, module, vnode, total]).toEqual(expected);
});
