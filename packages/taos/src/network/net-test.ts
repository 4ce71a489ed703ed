/**
 * `-n`: looks at the network instead of running statements. Exit status 0: all is well, 1: not; for `startup` 0 means
 * that taosd serves, which is what readiness probes wait for.
 */
import { ErrorCode, TaosError } from '@tdnode/common';
import { NetworkError } from '@tdnode/rpc';
import type { NetRole } from '../options/arguments.ts';
import type { Screen } from '../run/screen.ts';
import { TESTED_PORTS, openEcho, tcpConnects, testEcho } from './echo.ts';

/** Ports of a dnode behind serverPort. */
const SYNC_OFFSET = 10;
const REST_OFFSET = 11;

/** What a test stands on. */
export interface NetTest {
  readonly role: NetRole;
  readonly host: string;
  readonly port: number;
  readonly packetBytes: number;
  readonly screen: Screen;
  /** Says hello with user and password, resolves with the server's version. */
  readonly hello: () => Promise<string>;
  /** Resolves when the user wants the echo server to end. */
  readonly untilStopped: () => Promise<void>;
}

/** Runs the test; resolves with the exit status. */
export async function runNetTest(test: NetTest): Promise<number> {
  const { role, host, port } = test;
  switch (role) {
    case 'startup':
      return startup(test);
    case 'rpc':
      return ports(test, { serverPort: port, sync: port + SYNC_OFFSET, http: port + REST_OFFSET });
    case 'sync':
      return ports(test, { sync: port + SYNC_OFFSET });
    case 'server':
      return serve(test);
    case 'client': {
      await test.screen.write(
        `work as client, host:${host} startPort:${port} endPort:${port + TESTED_PORTS - 1} pkgLen:${test.packetBytes}\n\n`,
      );
      let failed = 0;
      for await (const { protocol, port: at, failure } of testEcho(test)) {
        if (failure !== undefined) failed++;
        await test.screen.write(`${protocol} port ${at}: ${failure ?? 'ok'}\n`);
      }
      return failed === 0 ? 0 : 1;
    }
  }
}

async function startup({ host, port, screen, hello }: NetTest): Promise<number> {
  await screen.write(`check startup, host:${host} port:${port}\n`);
  try {
    await screen.write(`check startup finished, version:${await hello()}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof TaosError)) throw error;
    if (isUp(error)) {
      await screen.write(`check startup finished\n`);
      return 0;
    }
    const code = (0x80000000 + error.code).toString(16);
    screen.warn(`failed to check startup step, code:0x${code} ${error.message}\n`);
    if (error.detail !== undefined) screen.warn(`${error.detail}\n`);
    return 1;
  }
}

/** A server that knows that the password is wrong serves. */
function isUp(error: TaosError): boolean {
  const refusals: readonly number[] = [ErrorCode.RPC_AUTH_FAILURE, ErrorCode.MND_INVALID_USER];
  return !(error instanceof NetworkError) && refusals.includes(error.code);
}

async function ports(
  { host, screen }: NetTest,
  named: Readonly<Record<string, number>>,
): Promise<number> {
  let failed = 0;
  for (const [name, port] of Object.entries(named)) {
    const failure = await tcpConnects(host, port);
    if (failure !== undefined) failed++;
    await screen.write(`${name} ${host}:${port}: ${failure ?? 'ok'}\n`);
  }
  return failed === 0 ? 0 : 1;
}

async function serve({ port, screen, untilStopped }: NetTest): Promise<number> {
  const echo = await openEcho(port);
  await screen.write(`work as server, startPort:${port} endPort:${port + TESTED_PORTS - 1}\n`);
  for (const one of echo.taken) screen.warn(`${one}\n`);
  await untilStopped();
  echo.close();
  return echo.taken.length === 0 ? 0 : 1;
}
