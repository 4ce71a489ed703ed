/** Clusters of real processes on loopback: one host name, a port for each dnode. */
import { PortTakenError, newTaosd, pause, type SqlAnswer, type Taosd } from './harness.ts';

type Settings = Record<string, string | number>;

/** How long something in a cluster may take to come true. */
const PATIENCE_MS = 20_000;

/** A cluster under test; `stop` everything by `dispose`. */
export class TestCluster {
  readonly dnodes: Taosd[] = [];
  readonly #settings: Settings;

  constructor(settings: Settings = {}) {
    this.#settings = settings;
  }

  /** The dnode that founded the cluster. */
  get first(): Taosd {
    const [first] = this.dnodes;
    if (first === undefined) throw new Error('the cluster has no dnode yet');
    return first;
  }

  /** A dnode with the cluster's settings and its own, not started yet; the first one is to found the cluster. */
  async add(settings: Settings = {}): Promise<Taosd> {
    const [first] = this.dnodes;
    const firstEp: Settings = first === undefined ? {} : { firstEp: endPoint(first) };
    const dnode = await newTaosd({ ...firstEp, ...this.#settings, ...settings });
    this.dnodes.push(dnode);
    return dnode;
  }

  /** A dnode that was created and has joined. */
  async join(settings: Settings = {}): Promise<Taosd> {
    const dnode = await this.add(settings);
    if (dnode === this.first) await dnode.startSomewhere();
    else {
      await sql(this.first, `create dnode '${endPoint(dnode)}'`);
      try {
        await dnode.start();
      } catch (error) {
        if (!(error instanceof PortTakenError)) throw error;
        await this.#forget(dnode);
        return this.join(settings);
      }
    }
    await this.untilReady(dnode);
    return dnode;
  }

  /** Resolves when `show dnodes` calls the dnode ready. */
  async untilReady(dnode: Taosd): Promise<void> {
    await until(async () => (await this.stateOf(dnode))?.status === 'ready');
  }

  /** The dnode as `show dnodes` prints it. */
  async stateOf(dnode: Taosd): Promise<DnodeState | undefined> {
    const rows = await sql(this.first, 'show dnodes');
    const row = rows.find(([, name]) => name === endPoint(dnode));
    if (row === undefined) return undefined;
    const [id, , vnodes, , status] = row;
    return {
      id: Number(id),
      vnodes: Number(vnodes),
      status: String(status),
      reason: String(row.at(-1)),
    };
  }

  async #forget(dnode: Taosd): Promise<void> {
    await sql(this.first, `drop dnode '${endPoint(dnode)}'`);
    this.dnodes.splice(this.dnodes.indexOf(dnode), 1);
    await dnode.dispose();
  }

  async dispose(): Promise<void> {
    await Promise.all(this.dnodes.map((dnode) => dnode.dispose()));
  }
}

export interface DnodeState {
  readonly id: number;
  readonly vnodes: number;
  readonly status: string;
  readonly reason: string;
}

/** `fqdn:port` of a dnode on loopback. */
export function endPoint({ port }: Taosd): string {
  return `localhost:${port}`;
}

/** Runs a statement that must succeed and gives its rows. */
export async function sql(dnode: Taosd, text: string): Promise<NonNullable<SqlAnswer['data']>> {
  const answer = await dnode.sql(text);
  if (answer.status === 'error') {
    throw new Error(`${text}: ${answer.code} ${answer.desc}\n${dnode.logTail()}`);
  }
  return answer.data ?? [];
}

/** Resolves when `isTrue`; rejects after a long while. */
export async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`not true after ${PATIENCE_MS} ms: ${String(isTrue)}`);
    await pause(50);
  }
}
