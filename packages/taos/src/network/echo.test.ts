/** Packets there and back on loopback. Ports that others have are told, not hidden. */
import { expect, test } from 'vitest';
import { TESTED_PORTS, openEcho, tcpConnects, testEcho } from './echo.ts';

/** Below the ephemeral ports, away from servers under test; a taken port is no failure here. */
const PORT = 9_100;

test('every port that the echo has gives a packet back, and nothing after it closed', async () => {
  const echo = await openEcho(PORT);
  const results: string[] = [];
  try {
    const target = { host: '127.0.0.1', port: PORT, packetBytes: 1000 };
    for await (const { port, protocol, failure } of testEcho(target)) {
      const isTaken = echo.taken.some((one) => one.startsWith(`${protocol} ${port}:`));
      if (!isTaken) results.push(failure ?? 'ok');
    }
    expect(results).toEqual(
      Array.from({ length: 2 * TESTED_PORTS - echo.taken.length }, () => 'ok'),
    );
    expect(results.length).toBeGreaterThan(0);
    expect((await openEcho(PORT)).taken).toHaveLength(2 * TESTED_PORTS);
  } finally {
    echo.close();
  }
  expect(await tcpConnects('127.0.0.1', 1)).toBe('ECONNREFUSED');
});
