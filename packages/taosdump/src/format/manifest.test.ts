import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DumpFolder, type FileRecord } from './manifest.ts';

const root = fs.mkdtempSync(path.join(tmpdir(), 'taosdump-'));
afterAll(() => fs.rmSync(root, { recursive: true }));

const record = (file: string): FileRecord => ({
  file,
  db: 'db',
  schema: 'st',
  kind: 'rows',
  bytes: 1,
  tables: [{ name: 't', rows: 2, crc: '00000001' }],
});

test('a line that a kill cut off does not count and is cut off', () => {
  const folder = new DumpFolder(path.join(root, 'a'));
  folder.place('progress.jsonl');
  folder.addProgress(record('1'));
  const file = path.join(folder.path, 'progress.jsonl');
  fs.appendFileSync(file, JSON.stringify(record('2')).slice(0, 20));
  expect(folder.readProgress()).toEqual([record('1')]);
  folder.repairProgress();
  folder.addProgress(record('3'));
  expect(folder.readProgress()).toEqual([record('1'), record('3')]);
});

test('a damaged line, a damaged manifest and another version are named', () => {
  const folder = new DumpFolder(path.join(root, 'b'));
  expect(folder.readManifest()).toBeUndefined();
  fs.writeFileSync(folder.place('progress.jsonl'), '{}\nx\n');
  expect(() => folder.readProgress()).toThrow(/progress\.jsonl:2 is damaged/);
  fs.writeFileSync(folder.place('manifest.json'), '{');
  expect(() => folder.readManifest()).toThrow(/manifest\.json is damaged/);
  fs.writeFileSync(folder.place('manifest.json'), '{"version":9}');
  expect(() => folder.readManifest()).toThrow('is of version 9, this program reads version 1');
});
