import { expect, test } from 'vitest';
import { chooseReplicas, type PlaceableDnode } from './replicas.ts';

const dnode = (id: number, vnodes = 0, hasMnode = false): PlaceableDnode => ({
  id,
  cores: 4,
  hasMnode,
  load: { cpu: 0, memory: 0, disk: 0, bandwidth: 0 },
  vnodes,
  masters: 0,
});

test('three replicas on three dnodes: each is first of every third vgroup', () => {
  const places = chooseReplicas([dnode(1), dnode(2), dnode(3)], 6, 3, 4)!;
  expect(places.map(([first]) => first)).toEqual([1, 2, 3, 1, 2, 3]);
  for (const replicas of places) expect(replicas.toSorted()).toEqual([1, 2, 3]);
});

test('one replica goes where the load is least, an mnode counts', () => {
  const places = chooseReplicas([dnode(1, 0, true), dnode(2), dnode(3, 2)], 6, 1, 4);
  expect(places).toEqual([[2], [2], [3], [2], [3], [2]]);
});

test('fewer dnodes than replicas', () => {
  expect(chooseReplicas([dnode(1), dnode(2)], 1, 3, 4)).toBeUndefined();
});
