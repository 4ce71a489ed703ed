export { Monitor } from './monitor.ts';
export type { MonitorOptions, MonitorTarget } from './monitor.ts';
export { readHostCounters } from './host-counters.ts';
export type { HostCounters } from './host-counters.ts';
export type { Writer } from './log-tables.ts';
export type { MetricsPage, MetricsSources, VnodeGauges } from './metrics.ts';
export { scraper } from './scrape.ts';
