/** What must hold before anything starts; each failure is one sentence with the name in it. */
import { lookup } from 'node:dns/promises';
import fs from 'node:fs';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import type { Config } from '@tdnode/common';
import { DEFAULT_CLUSTER_SECRET } from '@tdnode/common';
import type { Logger } from '@tdnode/common';
import { StartupError, reasonOf } from './startup-error.ts';

/** Enough to find out that a disk is full, not merely that a name fits. */
const PROBE_BYTES = 64 * 1024;

/** Makes the folder where it is missing and writes a probe into it. */
export function checkFolder(parameter: string, folder: string): void {
  const probe = path.join(folder, `.probe-${process.pid}`);
  try {
    makeFolder(folder);
    fs.writeFileSync(probe, Buffer.alloc(PROBE_BYTES));
    fs.unlinkSync(probe);
  } catch (error) {
    if (fs.existsSync(probe)) fs.rmSync(probe, { force: true }); // a full disk leaves a part of it
    throw new StartupError(
      `the folder ${folder} (${parameter}) cannot be written: ${reasonOf(error)}`,
    );
  }
}

/** Step by step: the runtime's own recursion never ends below /proc. */
function makeFolder(folder: string): void {
  if (fs.existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  fs.mkdirSync(folder);
}

/**
 * The own name must resolve, or no other dnode finds this one. Returns a warning where it leads to an address that
 * this host does not have.
 */
export async function checkFqdn(fqdn: string): Promise<string | undefined> {
  try {
    const addresses = (await lookup(fqdn, { all: true })).map(({ address }) => address);
    if (addresses.some(isOwn)) return undefined;
    return `fqdn ${fqdn} leads to ${addresses.join(', ')}, which is no address of this host: other dnodes will reach another one; check fqdn in taos.cfg and the hosts file`;
  } catch {
    throw new StartupError(
      `fqdn ${fqdn} does not resolve on this host: set fqdn in taos.cfg, or add the name to /etc/hosts or DNS`,
    );
  }
}

function isOwn(address: string): boolean {
  if (address === '::1' || address.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some(
    (addresses) => addresses?.some((own) => own.address === address) === true,
  );
}

/** Settings that work and should not stay. */
export function warnOfSettings(config: Config, logger: Logger): void {
  if (config.clusterSecret === DEFAULT_CLUSTER_SECRET) {
    logger.warn('DND', 'clusterSecret is the public default: change it before a second host joins');
  }
}
