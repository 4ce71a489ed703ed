/**
 * Ports for servers under test. A block of 16 holds all that one taosd listens on (serverPort, + 10 and + 11, each
 * perhaps late); its last port is kept open by the test itself while the block is in use, so that no other test
 * process on this machine takes it. Blocks lie below the ephemeral ports.
 */
import { createServer, type Server } from 'node:net';

const FIRST_PORT = 10_000;
const BLOCKS = 1400;
const BLOCK_SIZE = 16;
/** Offset of the port that says "taken". */
const GUARD = BLOCK_SIZE - 1;
/** What taosd listens on, from serverPort on. */
const OFFSETS = [0, 10, 11];
const ATTEMPTS = 100;

/** A block that is nobody else's until `release`. */
export interface PortBlock {
  /** serverPort. */
  readonly port: number;
  release(): void;
}

/** Takes a block at random of which all ports are free now. */
export async function reservePorts(): Promise<PortBlock> {
  for (let i = 0; i < ATTEMPTS; i++) {
    const port = FIRST_PORT + BLOCK_SIZE * Math.floor(Math.random() * BLOCKS);
    const guard = await listen(port + GUARD);
    if (guard === undefined) continue;
    const free = await Promise.all(OFFSETS.map((offset) => isFree(port + offset)));
    if (free.every(Boolean)) return { port, release: () => void guard.close() };
    guard.close();
  }
  throw new Error(`no free ports after ${ATTEMPTS} attempts`);
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (server === undefined) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

/** On all addresses, as taosd does; undefined: somebody has it. */
function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once('error', () => resolve(undefined));
    server.listen(port, () => resolve(server));
  });
}
