import { TaosError } from '@tdnode/common';
import { MemoryFileSystem } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { IdentityFiles } from './identity.ts';

test('an identity comes back, and there is none before the first join', () => {
  const fs = new MemoryFileSystem();
  expect(new IdentityFiles(fs, '/data').readIdentity()).toBeUndefined();
  new IdentityFiles(fs, '/data').writeIdentity({ dnodeId: 3, clusterId: 'c' });
  expect(new IdentityFiles(fs, '/data').readIdentity()).toEqual({ dnodeId: 3, clusterId: 'c' });
});

test('a file that is not what was written is refused by name', () => {
  const fs = new MemoryFileSystem();
  const files = new IdentityFiles(fs, '/data');
  for (const text of ['{', '[]x', '7', '{"dnodeId":"1"}']) {
    const handle = fs.open('/data/dnode/dnodeCfg.json', 'create');
    handle.write(new TextEncoder().encode(text), 0);
    handle.close();
    expect(() => files.readIdentity()).toThrow(TaosError);
    try {
      files.readIdentity();
    } catch (error) {
      expect((error as TaosError).detail).toMatch(/dnodeCfg\.json cannot be read/);
    }
  }
});
