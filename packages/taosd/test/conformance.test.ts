/**
 * The conformance corpus against a real taosd: 100 % of the areas that the SQL of this version covers, a
 * floor that only rises for the others; the same from files, and over many vnodes.
 */
import { afterAll, expect, test } from 'vitest';
import { readAreas, readDeferred, readFloor, replay, type Area } from './corpus.ts';
import { startTaosd, type Taosd } from './harness.ts';

/** Areas in which every statement passes, but for those in `conformance/deferred.json`. */
const WHOLE_AREAS = [
  'db-create',
  'db-options',
  'db-alter',
  'tables',
  'table-limits',
  'stables',
  'tags',
  'multi-create',
  'autocreate',
  'insert-basic',
  'insert-errors',
  'insert-time',
  'insert-update',
  'lexical',
  'like-names',
  'types-float',
  'types-int',
  'types-str',
  'types-ts',
  'types-uint',
  'select-proj',
  'select-where',
  'orderby-limit',
  'agg-table',
  'agg-stable',
  'rest-format',
  'show',
  'users',
  'precision-us',
  'sysfunc',
];

/** Their answers name or count vgroups, so they depend on the placement settings. */
const PLACEMENT_DEPENDENT = new Set([
  'show-0009',
  'show-0010',
  'show-0013',
  'show-0014',
  'show-0015',
]);

const areas = readAreas();
const deferred = readDeferred();
const floor = readFloor();
const running: Taosd[] = [];

afterAll(async () => {
  for (const taosd of running) await taosd.dispose();
});

async function server(settings: Record<string, number> = {}): Promise<Taosd> {
  const taosd = await startTaosd(settings);
  running.push(taosd);
  return taosd;
}

function areaOf(name: string): Area {
  const area = areas.get(name);
  if (area === undefined) throw new Error(`no area ${name}`);
  return area;
}

/** What failed though it must pass. */
function wrong(failed: Map<string, string>, excepted: ReadonlySet<string> = new Set()): string[] {
  return [...failed]
    .filter(([id]) => !deferred.has(id) && !excepted.has(id))
    .map(([id, why]) => `${id}: ${why}`);
}

test('every statement of the areas in scope is answered as recorded', async () => {
  const taosd = await server();
  const failures: string[] = [];
  const needless: string[] = [];
  for (const name of WHOLE_AREAS) {
    const { passed, failed } = await replay(taosd, areaOf(name));
    failures.push(...wrong(failed));
    needless.push(...[...passed].filter((id) => deferred.has(id)));
  }
  expect(failures.join('\n')).toBe('');
  expect(needless, 'passes now: strike it from conformance/deferred.json').toEqual([]);
});

test('the other areas do not fall below their floor', async () => {
  const taosd = await server();
  const below: string[] = [];
  for (const area of areas.values()) {
    if (area.group !== 'default' || WHOLE_AREAS.includes(area.name)) continue;
    const { passed } = await replay(taosd, area);
    const least = floor.get(area.name) ?? 0;
    if (passed.size < least) below.push(`${area.name}: ${passed.size} of ${least}`);
    if (process.env['TDNODE_FULL'] === '1') {
      process.stdout.write(`${area.name.padEnd(20)} ${passed.size} (floor ${least})\n`);
    }
  }
  expect(below).toEqual([]);
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
  for (const name of WHOLE_AREAS) {
    const { failed } = await replay(taosd, areaOf(name), { reopenEvery: 40 });
    failures.push(...wrong(failed));
  }
  expect(failures.join('\n')).toBe('');
});

test('the same answers over many vnodes', async () => {
  const taosd = await server({ minTablesPerVnode: 4, tableIncStepPerVnode: 4, maxVgroupsPerDb: 8 });
  const failures: string[] = [];
  for (const name of WHOLE_AREAS) {
    const { failed } = await replay(taosd, areaOf(name));
    failures.push(...wrong(failed, PLACEMENT_DEPENDENT));
  }
  expect(failures.join('\n')).toBe('');
});
