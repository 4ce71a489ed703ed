/**
 * `/metrics`: what this dnode knows of itself, in Prometheus' text format (docs/operations/monitoring.md has the list).
 * The library formats; the counts are read when somebody asks. Loaded at the first request.
 */
import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Registry,
  type Metric,
  type MetricValueWithName,
} from 'prom-client';
import type { VnodeStats } from '@tdnode/rpc';
import { latencyBounds, type StatementCounts, type StatementMeter } from './statement-meter.ts';

/** One vnode of this dnode. */
export interface VnodeGauges {
  readonly vgId: number;
  readonly stats: VnodeStats;
}

/** Where the figures come from; all asked at a request. */
export interface MetricsSources {
  readonly version: string;
  readonly meter: StatementMeter;
  dnodeId(): number;
  vnodes(): Promise<readonly VnodeGauges[]>;
  /** Clients that were heard of lately, and queries that run. */
  work(): { readonly connections: number; readonly queries: number };
}

/** An answer to a scrape. */
export interface MetricsPage {
  readonly contentType: string;
  readonly text: string;
}

const DURATION = 'tdnode_statement_duration_seconds';

/**
 * A histogram over counts that somebody else keeps: the library's own counts observation by observation. The registry asks a
 * metric for its name and `get`, no more.
 */
function statementHistogram(meter: StatementMeter): Metric {
  const shape = {
    name: DURATION,
    help: 'Time from the coming of a statement to its last row, by kind',
    type: 'histogram',
    aggregator: 'sum',
  };
  const get = async (): Promise<unknown> => ({ ...shape, values: meter.counts().flatMap(series) });
  return { ...shape, get } as unknown as Metric;
}

function series({ kind, seconds, buckets }: StatementCounts): MetricValueWithName<'kind' | 'le'>[] {
  return [
    ...buckets.map((value, i) => ({
      metricName: `${DURATION}_bucket`,
      labels: { kind, le: latencyBounds[i] ?? '+Inf' },
      value,
    })),
    { metricName: `${DURATION}_sum`, labels: { kind }, value: seconds },
    { metricName: `${DURATION}_count`, labels: { kind }, value: buckets.at(-1)! },
  ];
}

/** Makes the page; call the result for each scrape. */
export function metricsPage(sources: MetricsSources): () => Promise<MetricsPage> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerDnode(registry, sources);
  registerStatements(registry, sources.meter);
  const fillVnodes = registerVnodes(registry);
  return async () => {
    fillVnodes(await sources.vnodes());
    return { contentType: registry.contentType, text: await registry.metrics() };
  };
}

function registerDnode(registry: Registry, sources: MetricsSources): void {
  const registers: Registry[] = [];
  registry.registerMetric(
    new Gauge({
      name: 'tdnode_info',
      help: 'Always 1; version and dnode id',
      labelNames: ['version', 'dnode'],
      registers,
      collect() {
        this.reset();
        this.set({ version: sources.version, dnode: String(sources.dnodeId()) }, 1);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'tdnode_connections',
      help: 'Clients of this dnode that were heard of lately',
      registers,
      collect() {
        this.set(sources.work().connections);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'tdnode_queries_running',
      help: 'Queries that this dnode coordinates now',
      registers,
      collect() {
        this.set(sources.work().queries);
      },
    }),
  );
}

function registerStatements(registry: Registry, meter: StatementMeter): void {
  const registers: Registry[] = [];
  registry.registerMetric(statementHistogram(meter));
  registry.registerMetric(
    new Counter({
      name: 'tdnode_statements_total',
      help: 'Statements that are over, by kind and result',
      labelNames: ['kind', 'result'],
      registers,
      collect() {
        this.reset();
        for (const { kind, succeeded, failed } of meter.counts()) {
          this.inc({ kind, result: 'success' }, succeeded);
          this.inc({ kind, result: 'error' }, failed);
        }
      },
    }),
  );
  registry.registerMetric(
    new Counter({
      name: 'tdnode_statement_rows_total',
      help: 'Rows written or answered, by kind of statement',
      labelNames: ['kind'],
      registers,
      collect() {
        this.reset();
        for (const { kind, rows } of meter.counts()) this.inc({ kind }, rows);
      },
    }),
  );
}

/** Name behind `tdnode_vnode_`, help, and the figure of a vnode; undefined: this vnode has none. */
const vnodeGauges: readonly (readonly [
  name: string,
  help: string,
  value: (stats: VnodeStats) => number | undefined,
])[] = [
  ['tables', 'Tables', ({ tables }) => tables],
  ['rows', 'Rows in memory and files; rows in both count twice', ({ rows }) => rows],
  ['memory_bytes', 'Rows that wait to be written to files', ({ memoryBytes }) => memoryBytes],
  ['file_bytes', 'Segment files', ({ fileBytes }) => fileBytes],
  ['log_records', 'Records that the log keeps', ({ logRecords }) => logRecords],
  ['commits', 'Commits to files since the start', ({ commits }) => commits],
  [
    'last_commit_seconds',
    'Time that the last commit took',
    ({ lastCommitMs }) => seconds(lastCommitMs),
  ],
  ['version', 'The last version that was applied', ({ version }) => version],
  [
    'log_version',
    'The last version in the log',
    ({ replication, version }) => replication?.lastVersion ?? version,
  ],
  [
    'commit_version',
    "The last version that is the vgroup's for ever, as far as is known here",
    ({ replication, version }) => replication?.commit ?? version,
  ],
  ['lag_versions', "Versions known to be the vgroup's that are not applied here yet", lagOf],
  ['term', 'The election number', ({ replication }) => replication?.term],
];

function lagOf({ replication, version }: VnodeStats): number {
  return replication === undefined ? 0 : Math.max(0, replication.commit - version);
}

function seconds(ms: number | undefined): number | undefined {
  const MS_PER_SECOND = 1000;
  return ms === undefined ? undefined : ms / MS_PER_SECOND;
}

function registerVnodes(registry: Registry): (vnodes: readonly VnodeGauges[]) => void {
  const registers = [registry];
  const labelNames = ['vgroup', 'db'] as const;
  const gauges = vnodeGauges.map(([name, help, value]) => ({
    gauge: new Gauge({ name: `tdnode_vnode_${name}`, help, labelNames, registers }),
    value,
  }));
  const role = new Gauge({
    name: 'tdnode_vnode_role',
    help: '1 for the role that the vnode has: master, slave, syncing, unsynced or offline',
    labelNames: [...labelNames, 'role'],
    registers,
  });
  return (vnodes) => {
    role.reset();
    for (const { gauge } of gauges) gauge.reset();
    for (const { vgId, stats } of vnodes) {
      const labels = { vgroup: String(vgId), db: stats.db };
      role.set({ ...labels, role: stats.replication?.role ?? 'master' }, 1);
      for (const { gauge, value } of gauges) {
        const figure = value(stats);
        if (figure !== undefined) gauge.set(labels, figure);
      }
    }
  };
}
