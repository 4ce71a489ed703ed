/**
 * What the driver costs a group of one replica: turns of some records each, written through a bare log and through
 * a replica, in turns of both so that the machine's mood hits both alike.
 *
 *   node packages/sync/src/driver/replica.bench.mjs [records a turn] [bytes a record] [turns]      (after npm run build)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { nodeFileSystem, silentLogger, systemClock, systemRandom } from '@tdnode/common';
import { Log, RECORD_HEADER_BYTES, recordBytes } from '@tdnode/wal';
import { Replica } from '../../dist/index.js';

const [records = 4, size = 512, turns = 20_000] = process.argv.slice(2).map(Number);
const ROUNDS = 8;
const folder = mkdtempSync(path.join(tmpdir(), 'replica-bench-'));
const fs = nodeFileSystem;

const machine = {
  filesVersion: 0,
  stagingFolder: `${folder}/restore`,
  acknowledged: 0,
  apply: () => {},
  rollback: () => {},
  onRole: () => {},
  acknowledge(upTo) {
    this.acknowledged = upTo;
  },
  reject: () => {},
};
for (const name of ['log', 'replica/wal']) fs.makeFolder(`${folder}/${name}`);
const log = Log.open(fs, `${folder}/log`, { clock: systemClock, logger: silentLogger });
const replica = Replica.open(
  { fs, clock: systemClock, random: systemRandom, logger: silentLogger, machine, send: () => {} },
  {
    id: 1,
    vgId: 2,
    folder: `${folder}/replica`,
    config: { voters: [1], learners: [], arbitrator: false },
    quorum: 1,
    applyOn: 'persisted',
    durability: 'written',
  },
);
replica.start();

const step = recordBytes(size);
function turn(target) {
  const bytes = new Uint8Array(step * records);
  target.beginBatch();
  for (let i = 0; i < records; i++) target.add(bytes, i * step, size, 1);
  target.writeBatch();
}

const took = { log: 0, replica: 0 };
for (let round = 0; round < ROUNDS; round++) {
  let begin = process.hrtime.bigint();
  for (let i = 0; i < turns / ROUNDS; i++) turn(log);
  took.log += Number(process.hrtime.bigint() - begin);
  begin = process.hrtime.bigint();
  for (let i = 0; i < turns / ROUNDS; i++) {
    turn(replica);
    replica.persist();
  }
  took.replica += Number(process.hrtime.bigint() - begin);
  if (machine.acknowledged !== replica.lastVersion) throw new Error('not acknowledged');
}
const us = (ns) => (ns / turns / 1000).toFixed(2);
console.log(
  `${records} records of ${size} bytes a turn (${RECORD_HEADER_BYTES} bytes of header each): ` +
    `log ${us(took.log)} us a turn, replica ${us(took.replica)} us, difference ${us(took.replica - took.log)} us`,
);
replica.close();
log.close();
rmSync(folder, { recursive: true });
