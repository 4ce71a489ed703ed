import { expect, test } from 'vitest';
import { TableIndex } from './table-index.ts';

const bytes = (name: string): Uint8Array => new TextEncoder().encode(name);

test('finds, forgets and uses rows again', () => {
  const index = new TableIndex();
  index.add(bytes('a'), { uid: 1, vgId: 2, schema: 0, created: 5 });
  index.add(bytes('b'), { uid: 9_007_199_254_740_991, vgId: 3, schema: 1, created: 6 });
  const b = index.find(bytes('B'));
  expect([index.uid(b), index.vgId(b), index.schema(b), index.created(b)]).toEqual([
    9_007_199_254_740_991, 3, 1, 6,
  ]);
  const a = index.findText('a');
  expect(index.remove(bytes('a'))).toBe(true);
  expect(index.remove(bytes('a'))).toBe(false);
  expect(index.findText('a')).toBe(-1);
  index.add(bytes('名'), { uid: 4, vgId: 2, schema: 0, created: 7 });
  expect(index.findText('名')).toBe(a);
  expect(index.size).toBe(2);
});

test('all may be removed while they are visited', () => {
  const index = new TableIndex();
  for (let i = 0; i < 1000; i++)
    index.add(bytes(`t${i}`), { uid: i, vgId: 2, schema: 0, created: 0 });
  index.forEach((name) => index.remove(name));
  expect(index.size).toBe(0);
});

test('a million tables take at most 120 bytes each', () => {
  const index = new TableIndex();
  for (let i = 0; i < 1_000_000; i++)
    index.add(bytes(`device_${i}`), { uid: i, vgId: 2, schema: 0, created: 0 });
  expect(index.byteSize / 1_000_000).toBeLessThanOrEqual(120);
});
