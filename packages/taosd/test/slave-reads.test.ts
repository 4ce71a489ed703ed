/**
 * Aim: with `slaveQuery 1` whoever writes and reads through one dnode reads what he wrote, whichever replica answers.
 * Method: three dnodes, replica 3, a client at each, all at once: a write, then reads that each replica gets its share of.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCluster, sql } from './cluster-harness.ts';
import type { Taosd } from './harness.ts';

const ROUNDS = 40;
/** One for each replica. */
const READS = 3;
const START_MS = 1_600_000_000_000;

const cluster = new TestCluster({ slaveQuery: 1 });
beforeAll(async () => {
  for (let i = 0; i < 3; i++) await cluster.join();
  for (const quorum of [1, 2]) {
    const db = `q${quorum}`;
    await sql(cluster.first, `create database ${db} replica 3 quorum ${quorum}`);
    await sql(cluster.first, `create table ${db}.s (ts timestamp, v int) tags (g int)`);
    for (let t = 0; t < 3; t++)
      await sql(cluster.first, `create table ${db}.t${t} using ${db}.s tags (0)`);
  }
}, 60_000);
afterAll(() => cluster.dispose());

/** Writes rows, tags and deletes through one dnode; every read must show them. */
async function writeAndRead(dnode: Taosd, table: string, stable: string): Promise<void> {
  for (let i = 1; i <= ROUNDS; i++) {
    await sql(dnode, `insert into ${table} values (${START_MS + i}, ${i})`);
    for (let read = 0; read < READS; read++)
      expect(await sql(dnode, `select count(*), last(v) from ${table}`)).toEqual([[i, i]]);
    if (i % 10 !== 0) continue;
    await sql(dnode, `alter table ${table} set tag g = ${i}`);
    const name = table.slice(table.indexOf('.') + 1);
    for (let read = 0; read < READS; read++) {
      const tagged = `select count(*) from ${stable} where g = ${i} and tbname in ('${name}')`;
      expect(await sql(dnode, tagged)).toEqual([[i]]);
    }
  }
  await sql(dnode, `delete from ${table} where ts > ${START_MS + 1}`);
  for (let read = 0; read < READS; read++)
    expect(await sql(dnode, `select count(*) from ${table}`)).toEqual([[1]]);
}

test.each([1, 2])('a client of one dnode reads its own writes, quorum %i', async (quorum) => {
  const clients = cluster.dnodes.map((dnode, i) =>
    writeAndRead(dnode, `q${quorum}.t${i}`, `q${quorum}.s`),
  );
  await Promise.all(clients);
});
