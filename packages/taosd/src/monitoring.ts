/** What watches this dnode: the monitor, its place in the log database, the page of `/metrics`. */
import { systemClock } from '@tdnode/common';
import type { Config, Logger } from '@tdnode/common';
import type { Dnode } from '@tdnode/dnode';
import type { MetricsSource } from '@tdnode/http';
import { Monitor, readHostCounters, scraper } from '@tdnode/monitor';
import type { RunningWork, SqlService } from '@tdnode/taosc';

/** A monitor that counts, and does not write yet. */
export function newMonitor({ dataDir }: Config, logger: Logger): Monitor {
  return new Monitor({ logger, clock: systemClock, counters: () => readHostCounters(dataDir) });
}

/** Lets the monitor write, while `monitor` is 1 and this dnode belongs to a cluster. */
export function startMonitor(
  monitor: Monitor,
  service: SqlService,
  { dnode, settings }: { readonly dnode: Dnode; readonly settings: { readonly config: Config } },
): void {
  const { fqdn, serverPort } = settings.config;
  monitor.start({
    service,
    writer: () =>
      settings.config.monitor === 1 && dnode.dnodeId > 0
        ? { dnodeId: dnode.dnodeId, endPoint: `${fqdn}:${serverPort}` }
        : undefined,
    intervalSeconds: () => settings.config.monitorInterval,
  });
}

/** The page of `/metrics`. */
export function metricsSource(
  { version }: Config,
  { meter }: Monitor,
  { dnode, work }: { readonly dnode: Dnode; readonly work: RunningWork },
): MetricsSource {
  return scraper({
    version,
    meter,
    dnodeId: () => dnode.dnodeId,
    vnodes: () => dnode.vnodeStats(),
    work: () => {
      const { connections, queries } = work.list();
      return { connections: connections.length, queries: queries.length };
    },
  });
}
