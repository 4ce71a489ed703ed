/** Aim: where vnodes end up, and that they stay there. Method: plans are carried out at once, until there is none. */
import { seededRandom } from '@tdnode/common';
import { expect, test } from 'vitest';
import type { Move } from '../sdb/state.ts';
import {
  MOVES_PER_DNODE,
  planBalance,
  type BalanceDnode,
  type BalanceInput,
  type BalanceVgroup,
} from './plan.ts';

const idle = { cpu: 0, memory: 0, disk: 0, bandwidth: 0 };

function dnode(id: number, more: Partial<BalanceDnode> = {}): BalanceDnode {
  const usual = { isOnline: true, isDropping: false, takesVnodes: true, hasMnode: false };
  return { id, cores: 4, load: idle, ...usual, ...more };
}

function vgroup(
  vgId: number,
  replicas: number[],
  more: Partial<BalanceVgroup> = {},
): BalanceVgroup {
  const usual = { wanted: replicas.length, move: undefined, lost: [], strays: [] };
  return { vgId, replicas, master: replicas[0], ...usual, ...more };
}

const many = (count: number, replicas: number[]): BalanceVgroup[] =>
  Array.from({ length: count }, (_, i) => vgroup(i + 2, replicas));

function inputOf(
  dnodes: BalanceDnode[],
  vgroups: BalanceVgroup[],
  isBalancing = true,
): BalanceInput {
  return { dnodes, vgroups, isBalancing, mnodeEqualVnodeNum: 4 };
}

function moved({ replicas, ...rest }: BalanceVgroup, { target, source }: Move): BalanceVgroup {
  const after = replicas.filter((id) => id !== source);
  if (target !== 0) after.push(target);
  return { ...rest, replicas: after, master: after[0], lost: [], strays: [], move: undefined };
}

/** Carries plans out; fails when there is no end. */
function settle(input: BalanceInput): {
  readonly vgroups: BalanceVgroup[];
  readonly moves: number;
} {
  let vgroups = [...input.vgroups];
  let moves = 0;
  for (let round = 0; round < 1000; round++) {
    const plan = planBalance({ ...input, vgroups });
    if (plan.length === 0) return { vgroups, moves };
    moves += plan.length;
    vgroups = vgroups.map((one) => {
      const move = plan.find(({ vgId }) => vgId === one.vgId);
      return move === undefined ? one : moved(one, move);
    });
  }
  throw new Error('the balance finds no end');
}

function counts(dnodes: readonly BalanceDnode[], vgroups: readonly BalanceVgroup[]): number[] {
  return dnodes.map(({ id }) => vgroups.filter(({ replicas }) => replicas.includes(id)).length);
}

const scripts: readonly {
  readonly name: string;
  readonly dnodes: BalanceDnode[];
  readonly vgroups: BalanceVgroup[];
  readonly isBalancing?: boolean;
  readonly vnodes: number[];
  readonly moves: number;
}[] = [
  {
    name: 'ten vnodes, a second host with an mnode joins: 5:5',
    dnodes: [dnode(1, { hasMnode: true }), dnode(3, { hasMnode: true })],
    vgroups: many(10, [1]),
    vnodes: [5, 5],
    moves: 5,
  },
  {
    name: 'an mnode weighs four vnodes: 2 here, 6 there',
    dnodes: [dnode(1, { hasMnode: true }), dnode(2)],
    vgroups: many(8, [1]),
    vnodes: [2, 6],
    moves: 6,
  },
  {
    name: 'twice the cores take twice the vnodes',
    dnodes: [dnode(1, { cores: 8 }), dnode(2)],
    vgroups: many(9, [2]),
    vnodes: [6, 3],
    moves: 6,
  },
  {
    name: 'balance 0 moves nothing by itself',
    dnodes: [dnode(1), dnode(2)],
    vgroups: many(4, [1]),
    isBalancing: false,
    vnodes: [4, 0],
    moves: 0,
  },
  {
    name: 'a dropping dnode is emptied, also with balance 0',
    dnodes: [dnode(1), dnode(2, { isDropping: true }), dnode(3)],
    vgroups: many(4, [2]),
    isBalancing: false,
    vnodes: [2, 0, 2],
    moves: 4,
  },
  {
    name: 'a dropping dnode that is away gives up its part in vgroups that have a master',
    dnodes: [dnode(1), dnode(2, { isDropping: true, isOnline: false }), dnode(3), dnode(4)],
    vgroups: [vgroup(2, [1, 2, 3]), vgroup(3, [2], { master: undefined })],
    vnodes: [1, 1, 1, 1],
    moves: 1,
  },
  {
    name: 'replica 1 to 3',
    dnodes: [dnode(1), dnode(2), dnode(3)],
    vgroups: [vgroup(2, [1], { wanted: 3 }), vgroup(3, [2], { wanted: 3 })],
    vnodes: [2, 2, 2],
    moves: 4,
  },
  {
    name: 'replica 3 to 1 takes from the most loaded, never the master',
    dnodes: [dnode(1), dnode(2), dnode(3)],
    vgroups: [vgroup(2, [1, 2, 3], { wanted: 1 })],
    vnodes: [1, 0, 0],
    moves: 2,
  },
  {
    name: 'more replicas than dnodes: as many as there are',
    dnodes: [dnode(1), dnode(2)],
    vgroups: [vgroup(2, [1], { wanted: 3 })],
    vnodes: [1, 1],
    moves: 1,
  },
  {
    name: 'role 1 takes no vnodes, an offline dnode neither',
    dnodes: [dnode(1), dnode(2, { takesVnodes: false }), dnode(3, { isOnline: false }), dnode(4)],
    vgroups: many(4, [1]),
    vnodes: [2, 0, 0, 2],
    moves: 2,
  },
  {
    name: 'a lost copy is given up and made anew',
    dnodes: [dnode(1), dnode(2), dnode(3)],
    vgroups: [vgroup(2, [1, 2, 3], { lost: [2] })],
    vnodes: [1, 1, 1],
    moves: 2,
  },
  {
    name: 'a learner that nobody wants is taken out',
    dnodes: [dnode(1), dnode(2)],
    vgroups: [vgroup(2, [1], { strays: [2] })],
    vnodes: [1, 0],
    moves: 1,
  },
  {
    name: 'a nearly full disk is left',
    dnodes: [dnode(1, { load: { ...idle, disk: 85 } }), dnode(2)],
    vgroups: many(4, [1]),
    vnodes: [0, 4],
    moves: 4,
  },
  {
    name: 'a busy processor moves nothing: moves make it busy',
    dnodes: [dnode(1, { load: { ...idle, cpu: 99 } }), dnode(2)],
    vgroups: [...many(2, [1]), vgroup(9, [2]), vgroup(10, [2])],
    vnodes: [2, 2],
    moves: 0,
  },
];

test.each(scripts)('$name', ({ dnodes, vgroups, isBalancing, vnodes, moves }) => {
  const end = settle(inputOf(dnodes, vgroups, isBalancing));
  expect(counts(dnodes, end.vgroups)).toEqual(vnodes);
  expect(end.moves).toBe(moves);
});

test('several moves at a time, but not more than a dnode may have; running ones count', () => {
  const dnodes = [dnode(1), dnode(2)];
  const vgroups = many(40, [1]);
  const plan = planBalance(inputOf(dnodes, vgroups));
  expect(plan).toHaveLength(MOVES_PER_DNODE);
  const running = vgroups.map((one, i) => ({ ...one, move: i < 5 ? plan[i] : undefined }));
  expect(planBalance(inputOf(dnodes, running))).toEqual([]);
});

test('dropping and replicas come first, evening out waits for them', () => {
  const dnodes = [dnode(1), dnode(2, { isDropping: true }), dnode(3)];
  const plan = planBalance(inputOf(dnodes, [...many(8, [1]), vgroup(20, [2])]));
  expect(plan).toEqual([{ vgId: 20, target: 3, source: 2 }]);
});

test('whatever the cluster, plans come to an end, keep the wanted replicas apart, and even out', () => {
  const random = seededRandom(20_210_726);
  const upTo = (n: number): number => Math.floor(random.next() * n);
  for (let run = 0; run < 300; run++) {
    const dnodes = Array.from({ length: 2 + upTo(5) }, (_, i) =>
      dnode(i + 1, {
        cores: 1 + upTo(8),
        hasMnode: upTo(2) === 0,
        isDropping: i > 1 && upTo(5) === 0,
        takesVnodes: i < 2 || upTo(6) > 0,
        isOnline: i < 2 || upTo(6) > 0,
      }),
    );
    const vgroups = Array.from({ length: upTo(30) }, (_, i) => {
      const shuffled = dnodes.map(({ id }) => id).sort(() => random.next() - 0.5);
      const replicas = shuffled.slice(0, 1 + upTo(Math.min(3, dnodes.length)));
      return vgroup(i + 2, replicas, { wanted: 1 + upTo(2) });
    });
    const end = settle(inputOf(dnodes, vgroups));
    for (const { replicas, wanted } of end.vgroups) {
      expect(new Set(replicas).size).toBe(replicas.length);
      expect(replicas.length).toBeLessThanOrEqual(Math.max(wanted, 1));
      for (const id of replicas) expect(dnodes[id - 1]!.isDropping).toBe(false);
    }
  }
});
