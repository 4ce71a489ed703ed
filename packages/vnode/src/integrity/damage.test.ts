/**
 * Aim: every file of a vnode, cut and bit-flipped at every kind of place, gives the outcome of docs/recovery.md:
 * opening refuses or cuts, reading never gives a wrong answer, `checkVnode` sees what opening sees, `repairVnode`
 * makes it open with all that was not damaged, and keeps a copy of all it takes away.
 * Method: one small vnode in memory; each file in turn, each harm on a fresh copy. TDNODE_FULL=1: every byte.
 */
import { CorruptionError } from '@tdnode/common';
import { assertNothingOpen, type MemoryFileSystem } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import {
  CONFIG,
  FOLDER,
  contentsOf,
  copyOf,
  harm,
  harms,
  makeExample,
  openExample,
  type Contents,
  type Harm,
} from '../../test/damaged-vnode.ts';
import { readConfig } from '../engine/vnode-folder.ts';
import { checkVnode } from './check.ts';
import { repairVnode } from './repair.ts';

const example = makeExample();
const whole = example.after.at(-1)!;
const STRIDE = process.env['TDNODE_FULL'] === '1' ? 1 : 5;
const vnode = { folder: FOLDER, vgId: 2, configOfMnode: CONFIG };

/** What opening and reading gives: contents, or 'corrupt'. */
function outcome(fs: MemoryFileSystem): Contents | 'corrupt' {
  try {
    const opened = openExample(fs);
    try {
      return contentsOf(opened);
    } finally {
      opened.close();
    }
  } catch (error) {
    if (error instanceof CorruptionError) return 'corrupt';
    throw error;
  }
}

/** Harms `file` in each way on a copy of `disk`, and looks at the copy. */
function eachHarm(
  disk: MemoryFileSystem,
  file: string,
  look: (fs: MemoryFileSystem, one: Harm, where: string) => void,
): void {
  const path = `${FOLDER}/${file}`;
  for (const one of harms(disk.readFile(path).length, STRIDE)) {
    const fs = copyOf(disk);
    harm(fs, path, one);
    look(fs, one, `${file}, ${one.kind} at ${one.at}`);
    assertNothingOpen(fs);
  }
}

const isDamaged = (fs: MemoryFileSystem): boolean =>
  checkVnode(fs, FOLDER, 2).some(({ state }) => state === 'damaged');
const filesIn = (folder: string, end: string): string[] =>
  example.fs.list(`${FOLDER}/${folder}`).filter((name) => name.endsWith(end));

test('undamaged files are ok, and a repair changes nothing', () => {
  const fs = copyOf(example.fs);
  expect(checkVnode(fs, FOLDER, 2).map(({ part, state }) => [part, state])).toEqual([
    ['config', 'ok'],
    ['log', 'ok'],
    ['meta', 'ok'],
    ['manifest', 'ok'],
    ...filesIn('tsdb', '.seg').map(() => ['segment', 'ok']),
  ]);
  expect(repairVnode({ fs, ...vnode })).toEqual({ aside: [], lost: [], done: [], failed: [] });
  expect(outcome(fs)).toEqual(whole);
});

test('log: opens with a whole prefix or refuses; repaired it holds all before the bad place', () => {
  const file = `wal/${filesIn('wal', '.log')[0]!}`;
  let refused = 0;
  eachHarm(example.fs, file, (fs, _one, where) => {
    const damaged = isDamaged(fs);
    const before = outcome(copyOf(fs));
    expect(before === 'corrupt', where).toBe(damaged);
    if (before !== 'corrupt') {
      expect(example.after.slice(example.committedVersion), where).toContainEqual(before);
      return;
    }
    refused++;
    const report = repairVnode({ fs, ...vnode });
    expect(report.failed, where).toEqual([]);
    const after = outcome(fs);
    expect(example.after.slice(example.committedVersion), where).toContainEqual(after);
    // Either all is back (a header), or the report says which versions are gone.
    const first = /versions? (\d+)/.exec(report.lost[0] ?? '');
    expect(after, where).toEqual(first === null ? whole : example.after[Number(first[1]) - 1]);
    expect(report.aside.length, where).toBeGreaterThan(0);
    expect(isDamaged(fs), where).toBe(false);
  });
  expect(refused).toBeGreaterThan(10);
});

test('manifest: refuses; repaired it holds everything', () => {
  eachHarm(example.fs, 'tsdb/manifest', (fs, _one, where) => {
    expect(isDamaged(fs), where).toBe(true);
    expect(outcome(copyOf(fs)), where).toBe('corrupt');
    const report = repairVnode({ fs, ...vnode });
    expect([report.failed, report.lost], where).toEqual([[], []]);
    expect(outcome(fs), where).toEqual(whole);
  });
});

test('segments: what is not damaged is answered right before and after a repair', () => {
  let kept = 0;
  for (const name of filesIn('tsdb', '.seg')) {
    eachHarm(example.fs, `tsdb/${name}`, (fs, one, where) => {
      const findings = checkVnode(fs, FOLDER, 2).filter(({ state }) => state === 'damaged');
      expect(outcome(copyOf(fs)) === 'corrupt', where).toBe(findings.length > 0);
      // Padding between blocks belongs to nobody.
      if (findings.length === 0) return;
      expect(
        findings.every(({ file }) => file.endsWith(name)),
        where,
      ).toBe(true);
      const report = repairVnode({ fs, ...vnode });
      expect(report.failed, where).toEqual([]);
      expect(report.aside, where).toEqual([`${FOLDER}/tsdb/${name}.damaged-1`]);
      const after = outcome(fs) as Contents;
      const lostTables = [7, 8, 9, 10].filter((uid) => after[uid] !== whole[uid]);
      for (const uid of lostTables) {
        const rows = JSON.parse(whole[uid]!) as unknown[];
        for (const row of JSON.parse(after[uid]!) as unknown[])
          expect(rows, where).toContainEqual(row);
      }
      expect(lostTables.length > 0, where).toBe(report.lost.length > 0);
      if (report.lost.length > 0 && lostTables.length === 1) kept++;
      if (one.kind === 'flip' && one.at < 16) expect(report.lost, where).toEqual([]);
      expect(isDamaged(fs), where).toBe(false);
    });
  }
  expect(kept).toBeGreaterThan(0);
});

test('meta: refuses; repaired it holds the tables before the bad place, or says that it cannot be', () => {
  const outcomes = new Set<string>();
  eachHarm(example.fs, `meta/${filesIn('meta', '.log')[0]!}`, (fs, _one, where) => {
    expect(isDamaged(fs), where).toBe(true);
    expect(outcome(copyOf(fs)), where).toBe('corrupt');
    const report = repairVnode({ fs, ...vnode });
    if (report.failed.length > 0) {
      outcomes.add('failed');
      return;
    }
    outcomes.add(report.lost.length > 0 ? 'lost' : 'whole');
    const after = outcome(fs) as Contents;
    // Tables made before the bad place and after the last commit are there with all rows.
    for (const uid of [7, 8, 10]) expect(after[uid], where).toBe(whole[uid]);
    expect([whole[9], '[]'], where).toContain(after[9]);
    expect(isDamaged(fs), where).toBe(false);
  });
  expect([...outcomes].sort()).toContain('lost');
  expect(outcomes).toContain('failed');
});

test('meta, while the log still begins with version 1: repaired it holds everything', () => {
  const disk = copyOf(example.fs);
  for (const [path, bytes] of example.oldLog) {
    const handle = disk.open(path, 'create');
    handle.write(bytes, 0);
    handle.close();
  }
  eachHarm(disk, `meta/${filesIn('meta', '.log')[0]!}`, (fs, _one, where) => {
    const report = repairVnode({ fs, ...vnode });
    expect([report.failed, report.lost], where).toEqual([[], []]);
    expect(outcome(fs), where).toEqual(whole);
  });
});

test('config.json: cannot be read; repaired from the mnode it holds everything, without it says so', () => {
  eachHarm(example.fs, 'config.json', (fs, _one, where) => {
    const isRead = !(readConfig(fs, FOLDER, 2) instanceof CorruptionError);
    expect(isDamaged(fs), where).toBe(!isRead);
    // Only white space can change unseen.
    if (isRead) {
      expect(readConfig(fs, FOLDER, 2), where).toEqual(CONFIG);
      return;
    }
    expect(
      repairVnode({ fs: copyOf(fs), ...vnode, configOfMnode: undefined }).failed,
      where,
    ).toHaveLength(1);
    expect(repairVnode({ fs, ...vnode })).toMatchObject({ lost: [], failed: [] });
    expect(readConfig(fs, FOLDER, 2), where).toEqual(CONFIG);
    expect(outcome(fs), where).toEqual(whole);
  });
});

test('config.json is gone: the same', () => {
  const fs = copyOf(example.fs);
  fs.unlink(`${FOLDER}/config.json`);
  expect(isDamaged(fs)).toBe(true);
  expect(repairVnode({ fs, ...vnode })).toMatchObject({ lost: [], failed: [] });
  expect(outcome(fs)).toEqual(whole);
});

test.each([
  ['the manifest', 'tsdb/manifest'],
  ['the log', 'wal/'],
  ['a segment', 'tsdb/'],
] as const)('%s is gone: refuses, and a repair goes on with the rest', (_name, part) => {
  const fs = copyOf(example.fs);
  const folder = part.slice(0, part.indexOf('/'));
  const names = part.endsWith('/')
    ? filesIn(folder, folder === 'wal' ? '.log' : '.seg').slice(0, 1)
    : ['manifest'];
  for (const name of names) fs.unlink(`${FOLDER}/${folder}/${name}`);
  expect(isDamaged(fs)).toBe(true);
  expect(outcome(copyOf(fs))).toBe('corrupt');
  // Refusing has removed nothing.
  expect(fs.list(`${FOLDER}/tsdb`).length).toBeGreaterThan(1);
  const report = repairVnode({ fs, ...vnode });
  expect(report.failed).toEqual([]);
  expect(report.lost).toHaveLength(part === 'tsdb/manifest' ? 0 : 1);
  if (part === 'tsdb/manifest') expect(outcome(fs)).toEqual(whole);
  if (part === 'wal/') expect(outcome(fs)).toEqual(example.after[example.committedVersion]);
  expect(isDamaged(fs)).toBe(false);
});
