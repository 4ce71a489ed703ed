/** The five recorded vgroup areas as tables: which vgroup gets how many, one statement after the other. */
import { expect, test } from 'vitest';
import { planPlacement, vgroupLimit, type FillState, type PlacementConfig } from './placement.ts';

const defaults: PlacementConfig = {
  maxVgroupsPerDb: 4,
  minTablesPerVnode: 1000,
  tableIncStepPerVnode: 1000,
  maxTablesPerVnode: 1_000_000,
};

interface Step {
  readonly add?: number;
  /** Tables dropped from each vgroup. */
  readonly drop?: readonly number[];
  readonly tables: readonly number[];
  readonly refused?: number;
}

const scripts: readonly { name: string; config: PlacementConfig; steps: readonly Step[] }[] = [
  {
    name: 'defaults, four vgroups: 1000 and the rest; freed slots stay free',
    config: defaults,
    steps: [
      { add: 1, tables: [1] },
      { add: 999, tables: [1000] },
      { add: 1, tables: [1000, 1] },
      { add: 202, tables: [1000, 203] },
      { drop: [3, 0], add: 4, tables: [997, 207] },
    ],
  },
  {
    name: '300 a vgroup, then all grow to 1000 and the first fills',
    config: { ...defaults, minTablesPerVnode: 300 },
    steps: [
      { add: 1200, tables: [300, 300, 300, 300] },
      { add: 1, tables: [301, 300, 300, 300] },
      { add: 299, tables: [600, 300, 300, 300] },
    ],
  },
  {
    name: 'steps of 100, three vgroups: growth goes round',
    config: { ...defaults, maxVgroupsPerDb: 3, minTablesPerVnode: 100, tableIncStepPerVnode: 100 },
    steps: [
      { add: 300, tables: [100, 100, 100] },
      { add: 1, tables: [101, 100, 100] },
      { add: 100, tables: [200, 101, 100] },
      { add: 299, tables: [300, 200, 200] },
      { drop: [1, 1, 1], add: 3, tables: [300, 201, 199] },
      { add: 3, tables: [300, 204, 199] },
    ],
  },
  {
    name: 'one vgroup only: small room grows fourfold, then by steps',
    config: { ...defaults, maxVgroupsPerDb: 1, minTablesPerVnode: 4, tableIncStepPerVnode: 4 },
    steps: [
      { add: 4, tables: [4] },
      { add: 35, tables: [39] },
    ],
  },
  {
    name: 'the limit: what fits is placed, the rest refused, a freed slot is found again',
    config: {
      maxVgroupsPerDb: 2,
      minTablesPerVnode: 10,
      tableIncStepPerVnode: 10,
      maxTablesPerVnode: 20,
    },
    steps: [
      { add: 20, tables: [10, 10] },
      { add: 19, tables: [20, 19] },
      { add: 4, tables: [20, 20], refused: 3 },
      { drop: [1, 0], add: 2, tables: [20, 20], refused: 1 },
    ],
  },
];

test.each(scripts)('$name', ({ config, steps }) => {
  let state: FillState = { tables: [], room: 0, current: 0 };
  for (const step of steps) {
    const before = state.tables.map((count, i) => count - (step.drop?.[i] ?? 0));
    const plan = planPlacement(
      { ...state, tables: before },
      step.add ?? 0,
      config,
      vgroupLimit(config, 2),
    );
    const tables = [...before, ...Array.from({ length: plan.newVgroups }, () => 0)];
    for (const run of plan.runs) tables[run.vgroup]! += run.count;
    expect(tables).toEqual(step.tables);
    expect(plan.refused).toBe(step.refused ?? 0);
    state = { tables, room: plan.room, current: plan.current };
  }
});

test('without a limit in the configuration the cores decide, at least 2 and at most 64', () => {
  const config = { ...defaults, maxVgroupsPerDb: 0 };
  expect([1, 2, 8, 100].map((cores) => vgroupLimit(config, cores))).toEqual([2, 2, 8, 64]);
});
