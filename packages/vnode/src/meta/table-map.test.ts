import { seededRandom } from '@tdnode/common';
import { expect, test } from 'vitest';
import { TableMap } from './table-map.ts';

const encoder = new TextEncoder();

test('finds what lives, under random additions, removals and changes', () => {
  const random = seededRandom(5);
  const map = new TableMap();
  const model = new Map<number, { tid: number; tags: string }>();
  let tid = 0;
  for (let step = 0; step < 20_000; step++) {
    const luck = random.next();
    const uids = luck < 0.55 ? [] : [...model.keys()];
    const uid = uids[Math.floor(random.next() * uids.length)];
    if (uid === undefined) {
      const made = Math.floor(random.next() * 2 ** 53);
      if (model.has(made)) continue;
      expect(
        map.add({
          uid: made,
          schema: 1,
          name: encoder.encode(`t${made}`),
          tags: encoder.encode('x'),
        }),
      ).toBe(++tid);
      model.set(made, { tid, tags: 'x' });
    } else if (luck < 0.8) {
      const tags = 'y'.repeat(Math.floor(random.next() * 40));
      map.setTags(model.get(uid)!.tid, encoder.encode(tags));
      model.get(uid)!.tags = tags;
    } else {
      map.remove(model.get(uid)!.tid);
      model.delete(uid);
      expect(map.find(uid)).toBe(0);
    }
  }
  expect(map.size).toBe(model.size);
  const decoder = new TextDecoder();
  for (const [uid, { tid: expected, tags }] of model) {
    expect(map.find(uid)).toBe(expected);
    expect(decoder.decode(map.name(expected))).toBe(`t${uid}`);
    expect(decoder.decode(map.tags(expected))).toBe(tags);
  }
});

test('a hundred thousand tables take less than 250 bytes each', () => {
  const map = new TableMap();
  const tags = new Uint8Array(40);
  for (let i = 1; i <= 100_000; i++) {
    map.add({ uid: i * 3, schema: 1, name: encoder.encode(`device_${i}`), tags });
  }
  expect(map.byteSize / map.size).toBeLessThan(250);
});
