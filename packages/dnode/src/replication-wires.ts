/**
 * Replication's connections to the other dnodes, on serverPort + 10: frames go between engines and transport as bytes
 * that nobody here looks at. A dnode that has its cluster to itself opens no port and loads no transport, unless taos.cfg
 * names an arbitrator.
      this.#writes.peerLost(dnodeId);
 */
import { systemRandom, type Clock, type Config, type Logger, type VgId } from '@tdnode/common';
import { MNODE_VGID } from '@tdnode/mnode';
import type { DnodeAddress, VnodeService } from '@tdnode/rpc';
import type { PeerAddress, SendLane, Transport } from '@tdnode/sync';
import type { EngineClient } from '@tdnode/vnode';
import type { ClusterMap } from './cluster-map.ts';
import type { Door } from './door.ts';
import type { MnodeHost } from './mnode-host.ts';
import { NO_VGROUP } from './write-frames.ts';
import { WriteWire } from './write-wire.ts';

/** The transport listens on serverPort plus this. */
const TRANSPORT_OFFSET = 10;
/** As a peer; no dnode has this id. */
const ARBITRATOR_ID = 0;
/** Where `arbitrator` in taos.cfg names none. */
const ARBITRATOR_PORT = 6042;
/** A port that is taken is tried again after this. */
const RETRY_MS = 5_000;

/** What the wires stand on. */
export interface ReplicationWiresOptions {
  readonly config: Config;
  readonly vnodes: Pick<EngineClient, 'onSend' | 'receiveFrame' | 'peerLost' | 'write'>;
  readonly mnode: Pick<MnodeHost, 'receiveFrame' | 'peerLost'>;
  readonly map: ClusterMap;
  readonly door: Pick<Door, 'keys' | 'tls'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A dnode that was connected does not answer any more. */
  readonly onLost: (dnodeId: number) => void;
  /** Who this is; id 0 before it has joined. */
  readonly identity: () => { readonly dnodeId: number; readonly clusterId: string };
}

/** See the head of this file. */
export class ReplicationWires {
  readonly #options: ReplicationWiresOptions;
  readonly #writes: WriteWire;
  #transport: Transport | undefined;
  #arbitratorSince = 0;
  #isStarting = false;
  #isClosed = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: ReplicationWiresOptions) {
    this.#options = options;
    const { vnodes, map, clock } = options;
    this.#writes = new WriteWire({
      vnodes,
      clock,
      send: (dnodeId, vgId, parts) => this.send(dnodeId, vgId, parts, 'live'),
    });
    vnodes.onSend(({ vgId, peer, bytes, lane }) => this.send(peer, vgId, [bytes], lane));
    map.onChange(() => this.follow());
  }

  /** Connects to the dnodes of the list, and gives up those that are not in it any more. */
  follow(): void {
    const { map, identity } = this.#options;
    if (this.#isClosed || identity().dnodeId === 0) return;
    if (this.#transport !== undefined) {
      const { arbitrator } = this.#options.config;
      const peers = map.dnodes.map(peerOf);
      this.#transport.setPeers(arbitrator === '' ? peers : [...peers, arbitratorOf(arbitrator)]);
    } else if (!(map.isAlone && this.#options.config.arbitrator === '') && !this.#isStarting) {
      void this.#start();
    }
  }

  /** Whether a dnode may answer: false where it surely does not at this moment. */
  mayAnswer(dnodeId: number): boolean {
    return this.#transport?.isUp(dnodeId) ?? true;
  }

  /** Since when, ms, `tarbitrator` is connected; undefined: it is not. */
  get arbitratorSince(): number | undefined {
    return this.#transport?.isUp(ARBITRATOR_ID) === true ? this.#arbitratorSince : undefined;
  }

  /** Takes writes for the vnodes of a dnode, while it is connected. */
  writesTo(dnodeId: number): Pick<VnodeService, 'write'> | undefined {
    if (this.#transport?.isUp(dnodeId) !== true) return undefined;
    return { write: (vgId, kind, payload) => this.#writes.write(dnodeId, vgId, kind, payload) };
  }

  /** Sends a frame, or loses it; false: it was not taken. */
  send(dnodeId: number, vgId: number, parts: readonly Uint8Array[], lane: SendLane): boolean {
    return this.#transport?.send(dnodeId, vgId, parts, lane) === true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#writes.close();
    await this.#transport?.close();
  }

  async #start(): Promise<void> {
    const { config, logger } = this.#options;
    const port = config.serverPort + TRANSPORT_OFFSET;
    this.#isStarting = true;
    try {
      const transport = await this.#open(port);
      if (this.#isClosed) return await transport.close();
      this.#transport = transport;
      logger.info('SYN', `replicas are heard on port ${port}`);
      this.follow();
    } catch (error) {
      const isTaken = (error as { readonly code?: unknown }).code === 'EADDRINUSE';
      const what = isTaken ? 'is taken by another program' : `cannot be opened: ${String(error)}`;
      const again = `it is tried again every ${RETRY_MS / 1000} s`;
      logger.error('SYN', `port ${port} (replication) ${what}; ${again}`);
      this.#retry = setTimeout(() => this.follow(), RETRY_MS);
    } finally {
      this.#isStarting = false;
    }
  }

  async #open(port: number): Promise<Transport> {
    const { config, door, vnodes, mnode, clock, logger, identity } = this.#options;
    const sync = await import('@tdnode/sync');
    const { dnodeId, clusterId } = identity();
    const transport = new sync.Transport({
      self: { dnodeId, endPoint: `${config.fqdn}:${config.serverPort}` },
      listen: { port },
      key: door.keys.transport,
      clusterId,
      clock,
      random: systemRandom,
      logger,
      tls: door.tls,
    });
    transport.onFrame((from, vgId, bytes) => {
      if (vgId === NO_VGROUP) this.#writes.receive(from, bytes);
      else if (vgId === MNODE_VGID) mnode.receiveFrame(bytes);
      else vnodes.receiveFrame(vgId as VgId, bytes);
    });
    transport.onPeer((event) => {
      const { kind, dnodeId } = event;
      if (kind === 'up' && dnodeId === ARBITRATOR_ID) this.#arbitratorSince = clock.now();
      if (kind !== 'down') return;
      this.#writes.peerLost(dnodeId);
      mnode.peerLost(dnodeId);
      vnodes.peerLost(dnodeId);
      setImmediate(() => {
        if (!transport.isUp(dnodeId)) this.#options.onLost(dnodeId); // not merely replaced
      });
    });
    await transport.start();
    return transport;
  }
}

function peerOf({ dnodeId, endPoint }: DnodeAddress): PeerAddress {
  const { host, port } = split(endPoint);
  return { dnodeId, host, port: port + TRANSPORT_OFFSET };
}

/** `tarbitrator` listens on the port that taos.cfg names, and knows nobody that it could dial. */
function arbitratorOf(endPoint: string): PeerAddress {
  return { dnodeId: ARBITRATOR_ID, ...split(endPoint), neverDials: true };
}

function split(endPoint: string): { readonly host: string; readonly port: number } {
  const colon = endPoint.lastIndexOf(':');
  if (colon < 0) return { host: endPoint, port: ARBITRATOR_PORT };
  return { host: endPoint.slice(0, colon), port: Number(endPoint.slice(colon + 1)) };
}
