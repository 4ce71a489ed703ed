/** Aim: the list of the cluster survives a restart and is told only when it changes. Method: files in memory. */
import { MemoryFileSystem } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { ClusterMap } from './cluster-map.ts';
import { IdentityFiles } from './identity.ts';

const h1 = { dnodeId: 1, endPoint: 'h1:6030' };
const h2 = { dnodeId: 2, endPoint: 'h2:6030' };

test('what was heard is there after a restart', () => {
  const fs = new MemoryFileSystem();
  const map = new ClusterMap(new IdentityFiles(fs, '/data'));
  expect(map.isAlone).toBe(true);
  map.update([h1, h2], [h1]);
  const again = new ClusterMap(new IdentityFiles(fs, '/data'));
  expect(again.dnodes).toEqual([h1, h2]);
  expect(again.mnodes).toEqual([h1]);
  expect(again.isAlone).toBe(false);
  expect(again.idOf('H2:6030')).toBe(2);
  expect(() => again.endPointOf(3)).toThrow();
});

test('the same list again tells nobody', () => {
  const map = new ClusterMap(new IdentityFiles(new MemoryFileSystem(), '/data'));
  let changes = 0;
  map.onChange(() => changes++);
  map.update([h1], [h1]);
  map.update([h1], [h1]);
  expect(changes).toBe(1);
});
