/** How busy this host is, for reports: measured between one report and the next. */
import { statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import type { HostLoad } from '@tdnode/rpc';

const PERCENT = 100;

/** Measures since its last call. Network bandwidth is not measured: no system says how much there is. */
export class LoadMeter {
  readonly #dataDir: string;
  #before = cpuTimes();

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  async read(): Promise<HostLoad> {
    const { blocks, bavail } = await statfs(this.#dataDir);
    const memory = PERCENT * (1 - freemem() / totalmem());
    const disk = blocks === 0 ? 0 : PERCENT * (1 - bavail / blocks);
    return { cpu: this.#cpu(), memory, disk, bandwidth: 0 };
  }

  #cpu(): number {
    const now = cpuTimes();
    const [idle, total] = [now.idle - this.#before.idle, now.total - this.#before.total];
    this.#before = now;
    return total <= 0 ? 0 : PERCENT * (1 - idle / total);
  }
}

function cpuTimes(): { readonly idle: number; readonly total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, total };
}
