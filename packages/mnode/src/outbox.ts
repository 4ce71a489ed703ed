/**
 * What the mnode has to tell vnodes, per database and in the order of the log, at least once.
 *
 * Invariants: nothing is sent before its record is on disk; what could not be delivered stays at the head
 * of its database's queue and is tried again before anything later is sent; every delivery may be
 * repeated. What is lost with the process is found again by `repairVnodes`. A dnode that is offline is not told: the
 * answer to its next report says what it missed.
 */
import { ErrorCode, TaosError, type VgId } from '@tdnode/common';
import type { DnodeCommands, VnodeConfig, VnodeService } from '@tdnode/rpc';

export type Delivery =
  | { readonly kind: 'create'; readonly config: VnodeConfig }
  | { readonly kind: 'alter'; readonly config: VnodeConfig }
  | { readonly kind: 'drop'; readonly vgId: number; readonly dnodeIds: readonly number[] }
  | { readonly kind: 'change'; readonly vgId: number; readonly payload: Uint8Array };

interface Item {
  /** Resolves when the record behind this is on disk. */
  readonly durable: Promise<void>;
  /** Whether it stays in the queue when it cannot be delivered: a record says that it must arrive. */
  readonly mustArrive: boolean;
  /** Whether what fails before it does not matter: the database is dropped. */
  readonly isLast: boolean;
  readonly deliveries: readonly Delivery[];
  resolve(): void;
  reject(error: unknown): void;
}

interface Queue {
  items: Item[];
  running: boolean;
}

/** How dnodes are reached. */
export interface Routes {
  readonly vnodes: VnodeService;
  readonly commands: DnodeCommands;
  isOnline(dnodeId: number): boolean;
}

export class Outbox {
  readonly #vnodes: VnodeService;
  readonly #routes: Routes;
  readonly #queues = new Map<string, Queue>();
  /** Vgroups that were told something, which may not be on their disks yet; cleared by whoever made sure. */
  readonly touched = new Set<number>();
  /** Called each time a queue has run empty. */
  onIdle: () => void = () => {};

  constructor(routes: Routes) {
    this.#routes = routes;
    this.#vnodes = routes.vnodes;
  }

  /** Whether nothing waits for delivery. */
  get isIdle(): boolean {
    return this.#queues.size === 0;
  }

  /** Databases for which something waits. */
  get waiting(): string[] {
    return [...this.#queues.keys()];
  }

  /** Queues what a proposed record means for vnodes; resolves when they have acknowledged it. */
  send(db: string, durable: Promise<void>, deliveries: readonly Delivery[]): Promise<void> {
    durable.catch(() => {}); // Its error reaches whoever waits for the delivery.
    return this.#enqueue(db, { durable, deliveries, mustArrive: true, isLast: false });
  }

  /** `send` of a drop of the database: what could not be delivered before it is forgotten. */
  sendLast(db: string, durable: Promise<void>, deliveries: readonly Delivery[]): Promise<void> {
    durable.catch(() => {});
    return this.#enqueue(db, { durable, deliveries, mustArrive: true, isLast: true });
  }

  /** Queues what no record stands behind: when it fails, it has failed. */
  sendOnce(db: string, deliveries: readonly Delivery[]): Promise<void> {
    return this.#enqueue(db, {
      durable: Promise.resolve(),
      deliveries,
      mustArrive: false,
      isLast: false,
    });
  }

  /** Somebody else is master now and finds again what was not delivered: all who wait get `error`. */
  abandon(error: Error): void {
    for (const queue of this.#queues.values()) {
      for (const item of queue.items.splice(0)) item.reject(error);
    }
    this.#queues.clear();
  }

  /** Resolves when all that was sent for `db` so far is delivered; tries again, and rejects, what had failed. */
  settled(db: string): Promise<void> {
    return this.#queues.has(db) ? this.sendOnce(db, []) : Promise.resolve();
  }

  /** Whether something of the database is still on its way. */
  isWaiting(db: string): boolean {
    return this.#queues.has(db);
  }

  /** The same for look-ups, which go on when a vnode cannot be told. */
  async attempted(db: string): Promise<void> {
    if (this.#queues.has(db)) await this.settled(db).catch(() => {});
  }

  #enqueue(db: string, what: Omit<Item, 'resolve' | 'reject'>): Promise<void> {
    return new Promise((resolve, reject) => {
      let queue = this.#queues.get(db);
      if (queue === undefined) this.#queues.set(db, (queue = { items: [], running: false }));
      queue.items.push({ ...what, resolve, reject });
      if (!queue.running) void this.#run(db, queue);
    });
  }

  async #run(db: string, queue: Queue): Promise<void> {
    queue.running = true;
    for (;;) {
      const item = queue.items[0];
      if (item === undefined) break;
      try {
        await item.durable;
      } catch (error) {
        queue.items.shift();
        item.reject(error);
        continue;
      }
      try {
        await this.#deliver(item.deliveries);
      } catch (error) {
        if (skipToLast(queue, error)) continue;
        queue.running = false;
        this.#fail(db, queue, error);
        return;
      }
      queue.items.shift();
      item.resolve();
    }
    queue.running = false;
    if (this.#queues.get(db) === queue) this.#queues.delete(db);
    this.onIdle();
  }

  /** Tells all who wait in this queue; their deliveries stay for the next attempt. */
  #fail(db: string, queue: Queue, error: unknown): void {
    for (const item of queue.items) item.reject(error);
    queue.items = queue.items.filter((item) => item.mustArrive);
    if (queue.items.length === 0) this.#queues.delete(db);
  }

  async #deliver(deliveries: readonly Delivery[]): Promise<void> {
    for (const delivery of deliveries) {
      if (delivery.kind === 'change') this.touched.add(delivery.vgId);
      else await this.#administer(delivery);
    }
    const writes: Promise<unknown>[] = [];
    for (const delivery of deliveries) {
      if (delivery.kind === 'change')
        writes.push(this.#vnodes.write(delivery.vgId as VgId, 'change', delivery.payload));
    }
    await Promise.all(writes);
  }

  async #administer(delivery: Exclude<Delivery, { readonly kind: 'change' }>): Promise<void> {
    const { commands } = this.#routes;
    switch (delivery.kind) {
      case 'create': {
        const { config } = delivery;
        const ids = config.replicas.map(({ dnodeId }) => dnodeId);
        const majority = Math.floor(ids.length / 2) + 1;
        return this.#tell(ids, majority, (id) => commands.createVnode(id, config, 'voter'));
      }
      case 'alter': {
        const { config } = delivery;
        const ids = config.replicas.map(({ dnodeId }) => dnodeId);
        return this.#tell(ids, 1, (id) => commands.alterVnode(id, config));
      }
      case 'drop': {
        const vgId = delivery.vgId as VgId;
        return this.#tell(delivery.dnodeIds, 1, (id) => commands.dropVnode(id, vgId));
      }
    }
  }

  /** Tells the dnodes that are online; rejects when fewer than `enough` of them took it. */
  async #tell(
    dnodeIds: readonly number[],
    enough: number,
    command: (dnodeId: number) => Promise<void>,
  ): Promise<void> {
    const online = dnodeIds.filter((id) => this.#routes.isOnline(id));
    const answers = await Promise.allSettled(online.map(command));
    const failures = answers.filter((answer) => answer.status === 'rejected');
    const [first] = failures;
    if (first !== undefined && online.length - failures.length < enough) throw first.reason;
  }
}

/** Gives up what stands before a drop of the database; false when there is none. */
function skipToLast(queue: Queue, error: unknown): boolean {
  const last = queue.items.findLastIndex((item) => item.isLast);
  if (last <= 0) return false;
  for (const item of queue.items.splice(0, last)) item.reject(error);
  return true;
}

/** Whether this host has the vnode; other failures than "no such vgroup" are thrown. */
export async function vnodeExists(vnodes: VnodeService, vgId: number): Promise<boolean> {
  try {
    await vnodes.stats(vgId as VgId);
    return true;
  } catch (error) {
    if (isUnknownVgroup(error)) return false;
    throw error;
  }
}

/** Drops a vnode; one that is gone already is no error. */
export async function dropVnode(vnodes: VnodeService, vgId: number): Promise<void> {
  try {
    await vnodes.drop(vgId as VgId);
  } catch (error) {
    if (!isUnknownVgroup(error)) throw error;
  }
}

function isUnknownVgroup(error: unknown): boolean {
  return error instanceof TaosError && error.code === ErrorCode.VND_INVALID_VGROUP_ID;
}
