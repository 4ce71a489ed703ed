import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NameMap } from './name-map.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function set(map: NameMap, name: string, value: number): number {
  const raw = bytes(name);
  return map.set(raw, 0, raw.length, value);
}

function find(map: NameMap, name: string): number {
  const raw = bytes(`<${name}>`);
  return map.find(raw, 1, raw.length - 1);
}

test('finds names whatever their case, inside a larger buffer', () => {
  const map = new NameMap();
  expect(set(map, 'D1001', 7)).toBe(-1);
  expect(find(map, 'd1001')).toBe(7);
  expect(find(map, 'D1001')).toBe(7);
  expect(find(map, 'd100')).toBe(-1);
  expect(find(map, 'd10012')).toBe(-1);
  expect(set(map, 'd1001', 8)).toBe(7);
  expect(map.size).toBe(1);
});

test('visits names in order of insertion', () => {
  const map = new NameMap();
  for (const [i, name] of ['b', 'a', 'c'].entries()) set(map, name, i);
  map.delete(bytes('a'), 0, 1);
  const seen: string[] = [];
  map.forEach((name, value) => seen.push(`${new TextDecoder().decode(name)}=${value}`));
  expect(seen).toEqual(['b=0', 'c=2']);
});

test('answers like a Map under any sequence of set, delete and find', () => {
  const name = fc.stringMatching(/^[a-zA-Z0-9_]{0,6}$/);
  const step = fc.oneof(
    fc.record({ op: fc.constant('set' as const), name, value: fc.nat(1e6) }),
    fc.record({ op: fc.constant('delete' as const), name, value: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const map = new NameMap();
      const model = new Map<string, number>();
      for (const { op, name, value } of steps) {
        const key = name.toLowerCase();
        const before = model.get(key) ?? -1;
        if (op === 'set') {
          expect(set(map, name, value)).toBe(before);
          model.set(key, value);
        } else {
          expect(map.delete(bytes(name), 0, name.length)).toBe(before);
          model.delete(key);
        }
      }
      expect(map.size).toBe(model.size);
      for (const [key, value] of model) expect(find(map, key)).toBe(value);
    }),
  );
});

test('a hundred thousand names take few bytes each', () => {
  const map = new NameMap();
  for (let i = 0; i < 100_000; i++) set(map, `d${i}`, i);
  for (let i = 0; i < 100_000; i += 997) expect(find(map, `D${i}`)).toBe(i);
  expect(map.byteSize / map.size).toBeLessThan(50);
});

test('names that come and go do not let it grow', () => {
  const map = new NameMap();
  for (let i = 0; i < 200_000; i++) {
    set(map, `t${i}`, i);
    if (i >= 100) {
      const old = bytes(`t${i - 100}`);
      expect(map.delete(old, 0, old.length)).toBe(i - 100);
    }
  }
  expect(map.size).toBe(100);
  expect(map.byteSize).toBeLessThan(20_000);
});
