/** What can be seen of an mnode, to be compared. */
import { expect } from 'vitest';
import type { Mnode } from '../mnode.ts';
import type { FakeVnodes } from './fake-vnodes.ts';
import { answerOf } from './harness.ts';

/** All that a client can see, in an order that does not depend on how it came to be. */
export async function visible(mnode: Mnode): Promise<string> {
  const lines: string[] = [];
  for (const [name] of (await answerOf(mnode, 'show databases')).data as [string][]) {
    lines.push(sorted(await mnode.database(name)));
    for (const what of ['tables', 'stables', 'vgroups']) {
      const { data } = await answerOf(mnode, `show ${name}.${what}`);
      lines.push(...data!.map((row) => `${name} ${what} ${JSON.stringify(row)}`));
    }
    for (const [table] of (await answerOf(mnode, `show ${name}.tables`)).data as [string][]) {
      lines.push(
        JSON.stringify((await answerOf(mnode, `show create table ${name}.${table}`)).data),
      );
      lines.push(sorted(await mnode.tables(name, [table])));
    }
  }
  return lines.toSorted().join('\n');
}

/** JSON with sorted keys. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Vnodes hold exactly what the mnode says. */
export async function expectAgreement(mnode: Mnode, vnodes: FakeVnodes): Promise<void> {
  const uids = new Map<number, number>();
  const vgIds = new Set<number>();
  for (const [db] of (await answerOf(mnode, 'show databases')).data as [string][]) {
    for (const row of (await answerOf(mnode, `show ${db}.tables`)).data!)
      uids.set(Number(row[4]), Number(row[6]));
    for (const row of (await answerOf(mnode, `show ${db}.vgroups`)).data!)
      vgIds.add(Number(row[0]));
  }
  expect([...vnodes.vnodes.keys()].toSorted((a, b) => a - b)).toEqual(
    [...vgIds].toSorted((a, b) => a - b),
  );
  const held = [...vnodes.vnodes].flatMap(([vgId, vnode]) =>
    [...vnode.tables.keys()].map((uid) => [uid, vgId] as const),
  );
  expect(new Map(held)).toEqual(uids);
}
