/**
 * The conformance corpus against a real taosd: every statement of every area, but for those whose recorded
 * answer is wrong (`conformance/disputed.json`); the same from files, and over many vnodes.
 */
import { afterAll, expect, test } from 'vitest';
import { readAreas, readDisputed, replay } from './corpus.ts';
import { startTaosd, type Taosd } from './harness.ts';

/** Their answers name or count vgroups, so they depend on the placement settings. */
const PLACEMENT_DEPENDENT = new Set([
  'show-0009',
  'show-0010',
  'show-0013',
  'show-0014',
  'show-0015',
]);

/** Counts the rows after `now`, one of which lies a second ahead: a restart in between takes longer. */
const TIME_DEPENDENT = new Set(['insert-time-0082']);

const areas = readAreas();
const defaultAreas = [...areas.values()].filter((area) => area.group === 'default');
const disputed = readDisputed();
const running: Taosd[] = [];

afterAll(async () => {
  for (const taosd of running) await taosd.dispose();
});

async function server(settings: Record<string, number> = {}): Promise<Taosd> {
  const taosd = await startTaosd(settings);
  running.push(taosd);
  return taosd;
}

/** What failed though it must pass. */
function wrong(failed: Map<string, string>, excepted: ReadonlySet<string> = new Set()): string[] {
  return [...failed]
    .filter(([id]) => !disputed.has(id) && !excepted.has(id))
    .map(([id, why]) => `${id}: ${why}`);
}

test('every statement is answered as recorded', async () => {
  const taosd = await server();
  const failures: string[] = [];
  const needless: string[] = [];
  for (const area of defaultAreas) {
    const { passed, failed } = await replay(taosd, area);
    failures.push(...wrong(failed));
    needless.push(...[...passed].filter((id) => disputed.has(id)));
  }
  expect(failures.join('\n')).toBe('');
  expect(needless, 'passes: strike it from conformance/disputed.json').toEqual([]);
});

for (const area of areas.values()) {
  if (area.group === 'default') continue;
  test(`${area.name} with its own settings`, async () => {
    const taosd = await server(area.config);
    const { failed } = await replay(taosd, area);
    expect(wrong(failed).join('\n')).toBe('');
  });
}

test('the same answers from files: commit and reopen between statements', async () => {
  const taosd = await server();
  const failures: string[] = [];
  for (const area of defaultAreas) {
    const { failed } = await replay(taosd, area, { reopenEvery: 40 });
    failures.push(...wrong(failed, TIME_DEPENDENT));
  }
  expect(failures.join('\n')).toBe('');
});

test('the same answers over many vnodes', async () => {
  const taosd = await server({ minTablesPerVnode: 4, tableIncStepPerVnode: 4, maxVgroupsPerDb: 8 });
  const failures: string[] = [];
  for (const area of defaultAreas) {
    const { failed } = await replay(taosd, area);
    failures.push(...wrong(failed, PLACEMENT_DEPENDENT));
  }
  expect(failures.join('\n')).toBe('');
});
