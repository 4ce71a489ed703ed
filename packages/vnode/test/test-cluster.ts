/**
 * Several dnodes' engines in one thread, joined by a network in memory, with a clock that moves only when the test
 * says so. A killed dnode's engine is never called again; its disk stays, and a new engine may start on it.
 */
import {
  decodeBatch,
  encodeBatch,
  seededRandom,
  silentLogger,
  type Logger,
  type Random,
  type VgId,
} from '@tdnode/common';
import type { Scan } from '@tdnode/query';
import { ARBITRATOR, Arbitrator } from '@tdnode/sync';
import { ManualClock, MemoryFileSystem } from '@tdnode/testkit';
import { startLocalEngine } from '../src/engine/local-engine.ts';
import type { EngineClient } from '../src/engine/engine-client.ts';
import type { RunningFragment } from '../src/engine/fragment-runner.ts';
import type { Scheduler } from '../src/engine/port.ts';
import { METERS } from '../src/fixtures/meters.ts';

const STEP_MS = 10;
const ARBITRATOR_TICK_MS = 100;
const VOTES = '/votes';

interface Life {
  isOver: boolean;
}

interface Later {
  readonly at: number;
  readonly run: () => void;
  readonly life: Life;
}

/** One dnode of the test. */
export interface TestNode {
  readonly id: number;
  fs: MemoryFileSystem;
  client: EngineClient;
  life: Life;
}

/** The test's arbitrator, and the disk that outlives it. */
interface ArbitratorHost {
  readonly fs: MemoryFileSystem;
  readonly arbitrator: Arbitrator;
  readonly life: Life;
}

/** All rows of all tables, `current` only. */
function* readAll(_fragment: object, scan: Scan): RunningFragment {
  for (const table of scan.childTables(METERS)) {
    const spec = { colIds: [2], from: -Infinity, to: Infinity, descending: false };
    const cursor = scan.open(table, spec);
    for (let block = cursor.next(); block !== undefined; block = cursor.next())
      yield encodeBatch({ rows: block.rows, columns: [block.column(0)] });
    cursor.close();
  }
}

/** See the head of this file. */
export class TestCluster {
  readonly clock = new ManualClock();
  readonly nodes = new Map<number, TestNode>();
  readonly #cut = new Set<string>();
  #soon: { readonly run: () => void; readonly life: Life }[] = [];
  #later: Later[] = [];
  readonly #logger: Logger;
  readonly #segmentBytes: number | undefined;
  /** Decides which frames get lost; left out: none. */
  loses: () => boolean = () => false;
  /** Whether dnodes that start are told of an arbitrator. */
  hasArbitrator = false;
  #arbitrator: ArbitratorHost | undefined;

  constructor(logger = silentLogger, segmentBytes?: number) {
    this.#logger = logger;
    this.#segmentBytes = segmentBytes;
  }

  /** Starts a dnode, on the disk it had or a new one. */
  async start(id: number, knowsItself = true): Promise<TestNode> {
    const known = this.nodes.get(id);
    const fs = known?.fs ?? new MemoryFileSystem();
    if (known === undefined) {
      fs.makeFolder('/data');
      fs.syncAll();
    }
    const life: Life = { isOver: false };
    const starting = startLocalEngine({
      place: { fs, dataDir: '/data', keepDropped: false },
      clock: this.clock,
      logger: this.#logger,
      scheduler: this.#scheduler(life),
      runFragment: readAll,
      hasArbitrator: this.hasArbitrator,
      ...(knowsItself ? { dnodeId: id } : {}),
      ...(this.#segmentBytes === undefined ? {} : { segmentBytes: this.#segmentBytes }),
      random: seededRandom(id * 7919 + this.clock.now()),
    });
    await this.settle();
    const node: TestNode = { id, fs, client: await starting, life };
    node.client.onSend((frame) => {
      const own = { ...frame, bytes: frame.bytes.slice() };
      this.#soon.push({ life, run: () => this.#deliver(id, own) });
    });
    this.nodes.set(id, node);
    await this.settle();
    return node;
  }

  /** Starts the arbitrator, on the disk it had or a new one. */
  startArbitrator(): void {
    const fs = this.#arbitrator?.fs ?? new MemoryFileSystem();
    fs.makeFolder(VOTES);
    fs.syncAll();
    const life: Life = { isOver: false };
    const arbitrator = new Arbitrator({
      fs,
      logger: this.#logger,
      folder: VOTES,
      send: (to, parts) => {
        const [bytes] = parts as [Uint8Array<ArrayBuffer>];
        const vgId = new DataView(bytes.buffer).getUint32(0, true) as VgId;
        const frame = { peer: to, vgId, bytes };
        this.#soon.push({ life, run: () => this.#deliver(ARBITRATOR, frame) });
      },
    });
    this.#arbitrator = { fs, arbitrator, life };
    const { later } = this.#scheduler(life);
    const tick = (): void => {
      arbitrator.tick();
      later(ARBITRATOR_TICK_MS, tick);
    };
    later(ARBITRATOR_TICK_MS, tick);
  }

  /** The process dies; its connections break. */
  kill(id: number): void {
    const life = id === ARBITRATOR ? this.#arbitrator!.life : this.node(id).life;
    life.isOver = true;
    for (const node of this.nodes.values()) if (!node.life.isOver) node.client.peerLost(id);
    if (this.#arbitrator?.life.isOver === false) this.#arbitrator.arbitrator.peerLost(id);
  }

  /** The power fails: what was not synced is gone, or not. */
  cutPower(id: number, random: Random): void {
    this.kill(id);
    const node = this.node(id);
    node.fs = node.fs.crash({ data: 'random', names: 'random', random });
  }

  /** No frame goes between two dnodes any more, in silence. */
  cut(a: number, b: number): void {
    this.#cut.add(`${a}-${b}`).add(`${b}-${a}`);
  }

  /** All cables are in place. */
  heal(): void {
    this.#cut.clear();
  }

  node(id: number): TestNode {
    return this.nodes.get(id)!;
  }

  /** Runs everything that can run without time passing. */
  async settle(): Promise<void> {
    for (let idle = 0; idle < 5;) {
      const tasks = this.#soon;
      this.#soon = [];
      for (const { run, life } of tasks) if (!life.isOver) run();
      idle = tasks.length === 0 ? idle + 1 : 0;
      await Promise.resolve();
    }
  }

  /** Time passes. */
  async advance(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      this.clock.advance(STEP_MS);
      const due = this.#later.filter(({ at }) => at <= this.clock.monotonic());
      this.#later = this.#later.filter(({ at }) => at > this.clock.monotonic());
      for (const { run, life } of due) if (!life.isOver) run();
      await this.settle();
    }
  }

  /** Waits for something asked of a dnode, letting time pass. */
  async wait<T>(asked: Promise<T>, limitMs = 15_000): Promise<T> {
    let isDone = false;
    const answered = Promise.allSettled([asked]);
    void answered.then(() => (isDone = true));
    await this.settle();
    for (let passed = 0; passed < limitMs && !isDone; passed += STEP_MS)
      await this.advance(STEP_MS);
    if (!isDone) throw new Error(`no answer within ${limitMs} ms`);
    return asked;
  }

  /** Lets time pass until a dnode says that it is master, and knows that it may commit. */
  async master(vgId: VgId, limitMs = 10_000): Promise<TestNode> {
    for (let passed = 0; passed < limitMs; passed += 100) {
      for (const node of this.nodes.values()) {
        if (node.life.isOver) continue;
        const stats = await this.wait(node.client.stats(vgId)).catch(() => undefined);
        if (stats?.replication?.role === 'master' && stats.replication.commit > 0) return node;
      }
      await this.advance(100);
    }
    throw new Error(`no master within ${limitMs} ms`);
  }

  /** All `current` values that a dnode shows. */
  async values(node: TestNode, vgId: VgId, atLeast?: number): Promise<number[]> {
    const values: number[] = [];
    const read = async (): Promise<void> => {
      for await (const raw of node.client.query(vgId, {}, atLeast)) {
        const column = decodeBatch(raw).columns[0]!;
        if (column.kind === 'f64') values.push(...column.data);
      }
    };
    await this.wait(read());
    return values;
  }

  #deliver(
    from: number,
    frame: { readonly peer: number; readonly vgId: VgId; readonly bytes: Uint8Array<ArrayBuffer> },
  ): void {
    if (this.#cut.has(`${from}-${frame.peer}`) || this.loses()) return;
    if (frame.peer === ARBITRATOR) {
      if (this.#arbitrator?.life.isOver === false)
        this.#arbitrator.arbitrator.receive(frame.bytes.slice());
      return;
    }
    const target = this.nodes.get(frame.peer);
    if (target === undefined || target.life.isOver) return;
    target.client.receiveFrame(frame.vgId, frame.bytes);
  }

  #scheduler(life: Life): Scheduler {
    return {
      soon: (run) => void this.#soon.push({ run, life }),
      later: (ms, run) => {
        const task = { at: this.clock.monotonic() + ms, run, life };
        this.#later.push(task);
        return () => void (this.#later = this.#later.filter((other) => other !== task));
      },
    };
  }
}
