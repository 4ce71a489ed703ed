/**
 * Random schedules of several cores: packets are lost, doubled and reordered, replicas crash and lose what was not
 * durable, disks fill up, cables are cut one way or both, members change, the mastership moves. The model's checkers
 * look after every step; at the end everything heals and has to agree. The seed of a failure is in the message.
 */
import { seededRandom } from '@tdnode/common';
import { expect, test } from 'vitest';
import { Model, type ModelOptions } from '../../test/model.ts';

const EVENTS = 1000;

const SHAPES: readonly ModelOptions[] = [
  { voters: [1, 2, 3], spares: [4], core: { quorum: 2, applyOn: 'persisted' } },
  { voters: [1, 2], spares: [3], arbitrator: true, core: { quorum: 1, applyOn: 'persisted' } },
  { voters: [1, 2], spares: [3], arbitrator: true, core: { quorum: 2, applyOn: 'persisted' } },
  { voters: [1], spares: [2, 3], core: { quorum: 1, applyOn: 'persisted' } },
  { voters: [1], spares: [2, 3], arbitrator: true, core: { quorum: 2, applyOn: 'persisted' } },
  { voters: [1, 2, 3, 4, 5], core: { quorum: 'majority', applyOn: 'committed' } },
  {
    voters: [1, 2, 3],
    core: { quorum: 1, applyOn: 'persisted', inFlightMessagesMax: 2, appendBytesMax: 3 },
  },
];

/** One random event; the steps between the numbers are weights out of 1000. */
function randomEvent(model: Model, next: number): void {
  const { random } = model;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)]!;
  const ids = [...model.replicas.keys()];
  const id = pick(ids);
  const replica = model.replica(id);
  const luck = random.next() * 1000;
  if (luck < 500) {
    for (let count = Math.ceil(random.next() * 8); count > 0; count--) deliverOne(model);
  } else if (luck < 600) {
    if (replica.isUp) replica.persist();
  } else if (luck < 780) {
    model.tickAll();
  } else if (luck < 800) {
    model.tick(id);
  } else if (luck < 920) {
    const writer = random.next() < 0.9 ? model.master : replica.isUp ? replica : undefined;
    // A full disk rarely has room for a client's entry when it had none for the group's own.
    if (writer?.isFull !== true || random.next() < 0.1) writer?.propose(`w${next}`);
  } else if (luck < 935) {
    if (replica.isUp) replica.compact(Math.floor(random.next() * 4));
    replica.isFull = random.next() < 0.2;
  } else if (luck < 950) {
    if (replica.isUp) replica.crash(random);
    if (random.next() < 0.5) replica.boot();
  } else if (luck < 965) {
    if (!replica.isUp) replica.boot();
    if (random.next() < 0.1) model.restartArbitrator();
  } else if (luck < 972) {
    if (random.next() < 0.5) isolate(model, id);
    else cutOne(model, id, pick([...ids, 0]));
  } else if (luck < 982) {
    model.cut.clear();
  } else if (luck < 988) {
    model.master?.step({ kind: 'transfer', to: id });
  } else if (luck < 992) {
    model.master?.step({ kind: 'change', change: { kind: 'addLearner', id } });
  } else if (luck < 996) {
    const isUsed = random.next() < 0.5;
    model.master?.step({ kind: 'change', change: { kind: 'setArbitrator', isUsed } });
  } else {
    model.master?.step({ kind: 'change', change: { kind: 'remove', id } });
  }
}

/** The way to one other is cut, perhaps the way back too. */
function cutOne(model: Model, id: number, to: number): void {
  model.cut.add(`${id}>${to}`);
  if (model.random.next() < 0.5) model.cut.add(`${to}>${id}`);
  const replica = model.replica(id);
  if (replica.isUp) replica.step({ kind: 'peerLost', peer: to });
}

/** A host's cable is pulled; perhaps the others notice at once. While it is alone, its clients write on. */
function isolate(model: Model, id: number): void {
  const isNoticed = model.random.next() < 0.5;
  const replica = model.replica(id);
  for (const other of [...model.replicas.keys(), 0]) {
    if (other === id) continue;
    model.cut.add(`${id}>${other}`);
    model.cut.add(`${other}>${id}`);
    if (!isNoticed) continue;
    if (replica.isUp) replica.step({ kind: 'peerLost', peer: other });
    if (other !== 0 && model.replica(other).isUp)
      model.replica(other).step({ kind: 'peerLost', peer: id });
  }
  if (replica.isUp && replica.propose(`alone ${id} ${model.committed.length}`) !== undefined)
    replica.persist();
}

/** One packet goes, mostly in order (else nothing would ever come together); some are lost, some come twice. */
function deliverOne(model: Model): void {
  const { random, network } = model;
  if (network.length === 0) return;
  const at = random.next() < 0.8 ? 0 : Math.floor(random.next() * network.length);
  const fate = random.next();
  if (fate < 0.03) model.dropAt(at);
  else model.deliverAt(at, fate < 0.06);
}

/** Faults end: within a few seconds of ticks there is a master, and its members have what it has. */
function heal(model: Model): void {
  model.cut.clear();
  model.isArbitratorUp = true;
  for (const replica of model.replicas.values()) {
    replica.isFull = false;
    if (!replica.isUp) replica.boot();
  }
  for (let round = 0; round < 400; round++) {
    model.tickAll();
    model.stabilize();
    const { master } = model;
    if (round < 60 || master === undefined) continue;
    const { voters, learners } = master.core.config.config;
    const last = master.log.lastVersion;
    const isEven = [...voters, ...learners].every((id) => model.replica(id).core.commit === last);
    if (isEven && learners.length === 0) return;
  }
  const roles = [...model.replicas.values()].map(
    ({ id, core, log }) =>
      `${id}:${core.role} t${core.term} c${core.commit} l${log.lastVersion} ${JSON.stringify(core.config)} ${JSON.stringify(core.peers)}`,
  );
  throw new Error(
    `no agreement after the faults: ${roles.join('\n')} ${JSON.stringify(model.arbitrator.state)}`,
  );
}

function simulate(options: ModelOptions, seed: number): number {
  // Short timeouts: campaigns meet more often.
  const core = { electionTicks: 6, ...options.core };
  const model = new Model({ ...options, core }, seededRandom(seed));
  for (let i = 0; i < EVENTS; i++) {
    randomEvent(model, i);
    if (i % 50 === 0) model.checkLogs();
  }
  heal(model);
  model.checkLogs();
  return model.committed.length;
}

const seeds = Number(process.env['SYNC_SEEDS'] ?? 150);
const firstSeed = Number(process.env['SYNC_FIRST_SEED'] ?? 1);

test.each(SHAPES)('$voters, arbitrator $arbitrator, quorum $core.quorum: seeds', (shape) => {
  let committed = 0;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    try {
      committed += simulate(shape, seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    }
  }
  expect(committed).toBeGreaterThan(seeds * 5);
});
