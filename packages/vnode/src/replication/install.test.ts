/** Power cuts while files of another replica are put in place: either all of the old ones are there, or all of the new. */
import { seededRandom, type FileSystem } from '@tdnode/common';
import { CrashError, FaultyFileSystem, MemoryFileSystem } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { finishInstall, installFiles } from './install.ts';

function put(fs: FileSystem, path: string, text: string): void {
  const handle = fs.open(path, 'create');
  handle.write(new TextEncoder().encode(text), 0);
  handle.sync();
  handle.close();
}

function prepared(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  for (const name of ['meta', 'tsdb']) fs.makeFolder(`/v/${name}`);
  for (const name of ['meta/1.log', 'tsdb/manifest', 'tsdb/a.seg']) put(fs, `/v/${name}`, 'old');
  fs.syncAll();
  // As a transfer leaves it: whole files, their names synced.
  fs.makeFolder('/v/restore');
  for (const name of ['k1', 'k2', 'k3']) put(fs, `/v/restore/${name}`, 'new');
  fs.syncFolder('/v/restore');
  return fs;
}

const STAGED = [
  { name: 'meta/2.log', path: '/v/restore/k1' },
  { name: 'tsdb/b.seg', path: '/v/restore/k2' },
  { name: 'tsdb/manifest', path: '/v/restore/k3' },
];

function textsOf(fs: FileSystem): string {
  return ['meta', 'tsdb']
    .flatMap((folder) => fs.list(`/v/${folder}`).map((name) => `${folder}/${name}`))
    .map((name) => `${name}=${new TextDecoder().decode(fs.readFile(`/v/${name}`))}`)
    .join();
}

const OLD = 'meta/1.log=old,tsdb/a.seg=old,tsdb/manifest=old';
const NEW = 'meta/2.log=new,tsdb/b.seg=new,tsdb/manifest=new';

test('after a power cut before any operation there are the old files or the new ones', () => {
  const seen = new Set<string>();
  for (const names of ['drop', 'keep', 'random'] as const) {
    for (let stopAt = 0; ; stopAt++) {
      const memory = prepared();
      const fs = new FaultyFileSystem(memory);
      fs.stopAfter(stopAt);
      let isDone = false;
      try {
        installFiles(fs, '/v', STAGED);
        fs.removeFolder('/v/restore');
        isDone = true;
      } catch (error) {
        if (!(error instanceof CrashError)) throw error;
      }
      const random = seededRandom(stopAt + 1);
      const after = memory.crash({ data: 'drop', names, random });
      finishInstall(after, '/v');
      const texts = textsOf(after);
      seen.add(texts);
      expect([OLD, NEW], `stopped at ${stopAt}, names ${names}`).toContain(texts);
      if (isDone) {
        expect(texts).toBe(NEW);
        break;
      }
    }
  }
  expect(seen.size).toBe(2);
});
