/**
 * `-n server` and `-n client`: whether packets of a size get from one host to another and back, on every port that a dnode
 * uses, by TCP and UDP. The server echoes; the client compares.
 */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';

/** How many ports from serverPort on are tested. */
export const TESTED_PORTS = 12;
/** How long a packet may take there and back. */
const DEADLINE_MS = 2_000;
/** The longest datagram. */
const MAX_DATAGRAM_BYTES = 65_507;

/** Where to, and how large. */
export interface EchoTarget {
  readonly host: string;
  readonly port: number;
  readonly packetBytes: number;
}

/** One port's result; undefined: all came back. */
export interface EchoResult {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly failure: string | undefined;
}

/** Opens the echo on all ports that are free; returns those that are not, and the way to close. */
export async function openEcho(
  port: number,
): Promise<{ readonly taken: readonly string[]; close(): void }> {
  const taken: string[] = [];
  const open: { close(): unknown }[] = [];
  for (let offset = 0; offset < TESTED_PORTS; offset++) {
    const tcp = net.createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.pipe(socket);
    });
    const udp = dgram.createSocket('udp4');
    udp.on('message', (message, { port: from, address }) => udp.send(message, from, address));
    const opening = { tcp: listening(tcp, port + offset), udp: bound(udp, port + offset) };
    for (const [protocol, promise] of Object.entries(opening)) {
      const failure = await promise;
      if (failure === undefined) open.push(protocol === 'tcp' ? tcp : udp);
      else taken.push(`${protocol} ${port + offset}: ${failure}`);
    }
  }
  return { taken, close: () => open.forEach((one) => one.close()) };
}

/** Sends a packet to every port and waits for it. */
export async function* testEcho({
  host,
  port,
  packetBytes,
}: EchoTarget): AsyncGenerator<EchoResult> {
  const packet = Buffer.alloc(packetBytes, 'taos');
  for (let at = port; at < port + TESTED_PORTS; at++) {
    yield { port: at, protocol: 'tcp', failure: await tcpEcho(host, at, packet) };
    const datagram = packet.subarray(0, MAX_DATAGRAM_BYTES);
    yield { port: at, protocol: 'udp', failure: await udpEcho(host, at, datagram) };
  }
}

/** Whether somebody accepts a connection; undefined: yes. */
export async function tcpConnects(host: string, port: number): Promise<string | undefined> {
  const socket = net.connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(DEADLINE_MS) });
    return undefined;
  } catch (error) {
    return reason(error);
  } finally {
    socket.destroy();
  }
}

async function tcpEcho(host: string, port: number, packet: Buffer): Promise<string | undefined> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const socket = net.connect({ host, port });
  try {
    await once(socket, 'connect', { signal });
    socket.write(packet);
    let got = Buffer.alloc(0);
    while (got.length < packet.length) {
      const [piece] = (await once(socket, 'data', { signal })) as [Buffer];
      got = Buffer.concat([got, piece]);
    }
    return got.equals(packet) ? undefined : 'other bytes came back';
  } catch (error) {
    return reason(error);
  } finally {
    socket.destroy();
  }
}

async function udpEcho(host: string, port: number, packet: Buffer): Promise<string | undefined> {
  const socket = dgram.createSocket('udp4');
  try {
    socket.connect(port, host);
    const signal = AbortSignal.timeout(DEADLINE_MS);
    await once(socket, 'connect', { signal });
    socket.send(packet);
    const [got] = (await once(socket, 'message', { signal })) as [Buffer];
    return got.equals(packet) ? undefined : 'other bytes came back';
  } catch (error) {
    return reason(error);
  } finally {
    socket.close();
  }
}

async function listening(server: net.Server, port: number): Promise<string | undefined> {
  server.listen(port);
  return once(server, 'listening').then(() => undefined, reason);
}

async function bound(socket: dgram.Socket, port: number): Promise<string | undefined> {
  socket.bind(port);
  return once(socket, 'listening').then(() => undefined, reason);
}

function reason(error: unknown): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  return name === 'AbortError' ? `no answer within ${DEADLINE_MS} ms` : (code ?? message);
}
