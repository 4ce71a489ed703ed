/**
 * Tells systemd how far taosd is (`Type=notify` of scripts/service/taosd.service). The protocol is a datagram to the socket
 * named in NOTIFY_SOCKET (sd_notify(3)); Node has no Unix datagram sockets, so systemd's own program sends it. Elsewhere
 * nothing happens. A failure is told to the caller: systemd would wait for a readiness that never comes.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What systemd may be told: ready to serve, or on the way down. */
export type ServiceState = 'READY=1' | 'STOPPING=1';

const SEND_LIMIT_MS = 5000;

/** Sends the state, where a service manager listens; rejects when it could not be sent. */
export async function tellServiceManager(
  state: ServiceState,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  if (environment['NOTIFY_SOCKET'] === undefined) return;
  await promisify(execFile)('systemd-notify', [`--pid=${process.pid}`, state], {
    timeout: SEND_LIMIT_MS,
    env: environment,
  });
}
