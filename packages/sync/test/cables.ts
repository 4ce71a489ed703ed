/** For tests of the transport: dnodes on loopback, and a cable between them that can be cut in each direction. */
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { seededRandom, silentLogger, systemClock } from '@tdnode/common';
import type { TransportTiming } from '../src/transport/limits.ts';
import { Transport, type PeerEvent, type TransportOptions } from '../src/transport/transport.ts';

/** Quick to dial, slow to give up: a busy machine breaks no connection. */
export const CALM: TransportTiming = {
  heartbeatMs: 30,
  silenceMs: 20_000,
  handshakeMs: 20_000,
  dialPauseMs: 5,
  dialPauseMaxMs: 50,
  standbyMs: 200,
};

/** For tests of silence: a quarter of the real times. */
export const ALERT: TransportTiming = {
  ...CALM,
  heartbeatMs: 75,
  silenceMs: 300,
  handshakeMs: 500,
};

/** A transport that remembers what happened to it. */
export interface TestNode {
  readonly transport: Transport;
  readonly port: number;
  readonly events: PeerEvent[];
  readonly frames: { readonly from: number; readonly vgId: number; readonly bytes: Uint8Array }[];
  /** Resolves when `holds` does, asked after each event and frame. */
  until(holds: () => boolean): Promise<void>;
}

/** Opens a transport on a port of its own. */
export async function openNode(
  dnodeId: number,
  options: Partial<TransportOptions> = {},
): Promise<TestNode> {
  const transport = new Transport({
    self: { dnodeId, endPoint: `h${dnodeId}:6030` },
    listen: { host: '127.0.0.1', port: 0 },
    key: new Uint8Array(32).fill(3),
    clusterId: 'c1',
    clock: systemClock,
    random: seededRandom(dnodeId),
    logger: silentLogger,
    timing: CALM,
    ...options,
  });
  const events: PeerEvent[] = [];
  const frames: TestNode['frames'] = [];
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const check of waiting) check();
  };
  transport.onPeer((event) => {
    events.push(event);
    look();
  });
  transport.onFrame((from, vgId, bytes) => {
    frames.push({ from, vgId, bytes });
    look();
  });
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!holds()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { transport, port: await transport.start(), events, frames, until };
}

/** Two ends of a cable. */
export interface Cable {
  readonly port: number;
  /** Whether bytes pass from the dialler to the acceptor, and back. */
  readonly passes: { forth: boolean; back: boolean };
  /** Connections that were made through it. */
  count(): number;
  close(): Promise<void>;
}

/** A proxy to `port`. */
export async function openCable(port: number): Promise<Cable> {
  const passes = { forth: true, back: true };
  const sockets = new Set<Socket>();
  let count = 0;
  const server: Server = createServer((near) => {
    count++;
    const far = connect(port, '127.0.0.1');
    for (const [from, to, way] of [
      [near, far, 'forth'],
      [far, near, 'back'],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => {
        if (passes[way]) to.write(bytes);
      });
      from.on('end', () => {
        if (passes[way]) to.end();
      });
      from.on('error', () => {
        if (passes[way]) to.destroy();
      });
      from.on('close', () => {
        if (passes[way]) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    passes,
    count: () => count,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
