/** What must hold before anything starts; each failure is one sentence with the name in it. */
import { lookup } from 'node:dns/promises';
import fs from 'node:fs';
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

/** The own name must resolve, or no other dnode finds this one. */
export async function checkFqdn(fqdn: string): Promise<void> {
  try {
    await lookup(fqdn);
  } catch {
    throw new StartupError(
      `fqdn ${fqdn} does not resolve on this host: set fqdn in taos.cfg, or add the name to /etc/hosts or DNS`,
    );
  }
}

/** Settings that work and should not stay. */
export function warnOfSettings(config: Config, logger: Logger): void {
  if (config.clusterSecret === DEFAULT_CLUSTER_SECRET) {
    logger.warn('DND', 'clusterSecret is the public default: change it before a second host joins');
  }
}
