/**
 * Replication's wires: one connection per pair of dnodes, carrying the frames of all vgroups as opaque bytes.
 * Page: docs/protocol/transport.md.
 *
 * What a sender may rely on:
 *   - frames of one lane and one peer arrive in the order of `send`, whole, at most once;
 *   - `send` says false for a frame that was not taken: the peer is down, or its queue is full (then `room` follows);
 *   - a frame that was taken is lost only with its connection, and `down` says so: after it nothing is on the way;
 *   - a peer of which either direction is dead is down within 1.5 s;
 *   - lazy frames are live ones that may wait LAZY_MS for company: others' order is theirs too;
 *   - live frames do not wait behind bulk, which is bounded in bandwidth and in bytes on the way.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clock, Logger, Random } from '@tdnode/common';
import { Authenticator, RareLog, type TlsOptions } from '@tdnode/rpc';
import type * as Ws from 'ws';
import { Acceptor, type SyncCaller } from './acceptor.ts';
import { dial } from './dialler.ts';
import { acceptorHandshake, diallerHandshake, type HandshakeContext } from './handshake.ts';
import { BULK_BYTES_PER_SECOND, LAZY_MS, STANDARD_TIMING, type TransportTiming } from './limits.ts';
import { Link } from './link.ts';
import { Peer, type Dialling, type PeerAddress } from './peer.ts';
import type { Lane, SendLane } from './send-queue.ts';
import { TokenBucket } from './token-bucket.ts';

/** What a transport stands on. */
export interface TransportOptions {
  /** This dnode; `endPoint` as others know it, for their logs. */
  readonly self: { readonly dnodeId: number; readonly endPoint: string };
  /** Port 0: any. */
  readonly listen: { readonly host?: string; readonly port: number };
  /** `deriveClusterKeys(clusterSecret).transport`. */
  readonly key: Uint8Array;
  /** Empty: of any cluster (an arbitrator). */
  readonly clusterId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly tls?: TlsOptions | undefined;
  /** Takes every dnode that proves the secret, not only those of `setPeers` (an arbitrator). */
  readonly takesStrangers?: boolean;
  readonly bulkBytesPerSecond?: number;
  readonly timing?: TransportTiming;
}

/** What happens to a peer. */
export type PeerEvent =
  | { readonly kind: 'up'; readonly dnodeId: number }
  /** Everything on the way, in both directions, is lost. */
  | { readonly kind: 'down'; readonly dnodeId: number; readonly reason: string }
  /** `send` said no for want of room, and there is room again. */
  | { readonly kind: 'room'; readonly dnodeId: number };

/** Takes a frame; `bytes` may be kept, and shares its buffer with other frames. It begins at a multiple of 8. */
export type FrameListener = (from: number, vgId: number, bytes: Uint8Array, lane: Lane) => void;

/** See the head of this file. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #timing: TransportTiming;
  readonly #auth: Authenticator;
  readonly #log: RareLog;
  readonly #acceptor: Acceptor;
  readonly #bulkRate: TokenBucket;
  readonly #instance = randomBytes(12).toString('hex');
  readonly #peers = new Map<number, Peer>();
  readonly #links = new Set<Link>();
  readonly #dirty = new Set<Link>();
  readonly #frameListeners: FrameListener[] = [];
  readonly #peerListeners: ((event: PeerEvent) => void)[] = [];
  #ws: typeof Ws | undefined;
  #ticker: NodeJS.Timeout | undefined;
  /** Links with lazy frames since the timer began. */
  readonly #lazy = new Set<Link>();
  #lazyTimer: NodeJS.Timeout | undefined;
  #isPumping = false;
  #isClosed = false;

  constructor(options: TransportOptions) {
    const { self, clusterId, key, clock, logger } = options;
    this.#options = options;
    this.#timing = options.timing ?? STANDARD_TIMING;
    this.#auth = new Authenticator(
      key,
      { clusterId: () => clusterId, endPoint: self.endPoint },
      clock,
    );
    this.#log = new RareLog(logger, 'SYN', clock);
    this.#bulkRate = new TokenBucket(
      options.bulkBytesPerSecond ?? BULK_BYTES_PER_SECOND,
      clock.monotonic(),
    );
    this.#acceptor = new Acceptor({
      auth: this.#auth,
      selfId: self.dnodeId,
      clusterId,
      tls: options.tls,
      isKnown: (id) => options.takesStrangers === true || this.#peers.has(id),
      onConnection: (caller, socket, raw) => this.#accepted(caller, socket, raw),
      onRefused: (address, reason) =>
        this.#log.warn(
          `refused ${address}`,
          `a replication connection from ${address} is refused: ${reason}`,
        ),
    });
  }

  /** Opens the port and begins to dial; returns the port. */
  async start(): Promise<number> {
    this.#ws = await import('ws');
    const port = await this.#acceptor.listen(this.#options.listen);
    this.#ticker = setInterval(() => this.#tick(), this.#timing.heartbeatMs);
    return port;
  }

  /** The other dnodes, all of them; those that are missing are given up. After `start`. */
  setPeers(addresses: readonly PeerAddress[]): void {
    const wanted = new Map(addresses.map((address) => [address.dnodeId, address]));
    wanted.delete(this.#options.self.dnodeId);
    for (const [id, peer] of this.#peers) {
      if (wanted.has(id)) continue;
      this.#peers.delete(id);
      peer.close('this dnode is not in the list any more');
    }
    for (const [id, address] of wanted) this.#peer(id).setAddress(address);
  }

  /** Whether frames for this peer are taken at all. */
  isUp(dnodeId: number): boolean {
    return this.#peers.get(dnodeId)?.link !== undefined;
  }

  /** Bytes that wait for this peer. */
  queuedBytes(dnodeId: number): number {
    return this.#peers.get(dnodeId)?.link?.queuedBytes ?? 0;
  }

  /**
   * Copies a frame (its parts, one after the other) and sends it with the others of this turn, a lazy one with the next
   * live one for its peer, or after LAZY_MS; false: not taken.
   */
  send(dnodeId: number, vgId: number, parts: readonly Uint8Array[], lane: SendLane): boolean {
    const link = this.#peers.get(dnodeId)?.link;
    if (link === undefined || !link.offer(vgId, parts, lane === 'lazy' ? 'live' : lane))
      return false;
    if (lane === 'lazy') {
      this.#lazy.add(link);
      this.#lazyTimer ??= setTimeout(() => this.#pumpLazy(), LAZY_MS);
      return true;
    }
    this.#dirty.add(link);
    if (!this.#isPumping) {
      this.#isPumping = true;
      setImmediate(() => this.#pump());
    }
    return true;
  }

  /** Calls back with each frame. */
  onFrame(listener: FrameListener): void {
    this.#frameListeners.push(listener);
  }

  /** Calls back when a peer goes up, down, or has room again. */
  onPeer(listener: (event: PeerEvent) => void): void {
    this.#peerListeners.push(listener);
  }

  /** Closes everything; peers hear of it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#ticker);
    clearTimeout(this.#lazyTimer);
    for (const peer of this.#peers.values()) peer.close('this dnode stops');
    for (const link of this.#links) link.terminate('this dnode stops');
    await this.#acceptor.close();
  }

  #pump(): void {
    this.#isPumping = false;
    for (const link of this.#dirty) link.pump();
    this.#dirty.clear();
  }

  #pumpLazy(): void {
    this.#lazyTimer = undefined;
    for (const link of this.#lazy) link.pump();
    this.#lazy.clear();
  }

  #tick(): void {
    const now = this.#options.clock.monotonic();
    for (const link of this.#links) link.tick(now);
  }

  #peer(dnodeId: number): Peer {
    let peer = this.#peers.get(dnodeId);
    if (peer === undefined) {
      peer = new Peer(dnodeId, {
        selfId: this.#options.self.dnodeId,
        timing: this.#timing,
        random: this.#options.random,
        dial: (address) => this.#dial(address),
        onUp: () => this.#tell({ kind: 'up', dnodeId }),
        onDown: (reason) => this.#tell({ kind: 'down', dnodeId, reason }),
      });
      this.#peers.set(dnodeId, peer);
    }
    return peer;
  }

  #tell(event: PeerEvent): void {
    if (!this.#isClosed) {
      const what = event.kind === 'down' ? `down: ${event.reason}` : event.kind;
      this.#options.logger.debug('SYN', () => `connection to dnode ${event.dnodeId} is ${what}`);
    }
    for (const listener of this.#peerListeners) listener(event);
  }

  #accepted({ dnodeId, clusterId }: SyncCaller, socket: Ws.WebSocket, raw: Socket): void {
    const { self } = this.#options;
    const handshake = acceptorHandshake({
      ...this.#context(dnodeId, self.dnodeId),
      clusterId, // an arbitrator has none of its own
    });
    this.#link(this.#peer(dnodeId), { socket, raw, isDialled: false }, handshake, () => {});
  }

  #dial(address: PeerAddress): Dialling {
    const { self, tls } = this.#options;
    const peer = this.#peer(address.dnodeId);
    let link: Link | undefined;
    const fail = (reason: string): void => {
      if (this.#isClosed) return;
      this.#log.warn(
        `dial ${address.dnodeId}`,
        `no replication connection to dnode ${address.dnodeId}: ${reason}`,
      );
      peer.dialFailed();
    };
    const dialling = dial(
      this.#ws!,
      address,
      { auth: this.#auth, selfId: self.dnodeId, tls, handshakeMs: this.#timing.handshakeMs },
      {
        onFailed: fail,
        onOpen: (socket, raw) => {
          const context = this.#context(self.dnodeId, address.dnodeId);
          const handshake = diallerHandshake(context, randomBytes(12).toString('hex'));
          link = this.#link(peer, { socket, raw, isDialled: true }, handshake, fail);
        },
      },
    );
    return {
      abort: () => {
        if (link === undefined) dialling.abort();
        else if (link.facts === undefined) link.terminate('given up');
      },
    };
  }

  #context(dialler: number, acceptor: number): HandshakeContext {
    return {
      auth: this.#auth,
      dialler,
      acceptor,
      clusterId: this.#options.clusterId,
      instance: this.#instance,
      nonce: randomBytes(32).toString('hex'),
    };
  }

  #link(
    peer: Peer,
    end: { readonly socket: Ws.WebSocket; readonly raw: Socket; readonly isDialled: boolean },
    handshake: ReturnType<typeof acceptorHandshake>,
    onUnproved: (reason: string) => void,
  ): Link {
    const selfId = this.#options.self.dnodeId;
    const link = new Link({
      ...end,
      handshake,
      isDialledByLower: end.isDialled === selfId < peer.dnodeId,
      clock: this.#options.clock,
      timing: this.#timing,
      bulkRate: this.#bulkRate,
      onProved: (proved, facts) => peer.proved(proved, facts),
      onFrame: (_link, vgId, bytes, lane) => {
        for (const listener of this.#frameListeners) listener(peer.dnodeId, vgId, bytes, lane);
      },
      onRoom: () => this.#tell({ kind: 'room', dnodeId: peer.dnodeId }),
      onEnd: (ended, reason) => {
        this.#links.delete(ended);
        if (ended.facts === undefined) onUnproved(reason);
        peer.ended(ended, reason);
      },
    });
    this.#links.add(link);
    return link;
  }
}
