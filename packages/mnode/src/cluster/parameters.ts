/** Settings that all dnodes of a cluster must share, and what is said of one that differs. Pure. */
import type { ClusterParameters } from '@tdnode/rpc';

/** TDengine 2.1.2's defaults. */
export const defaultParameters: ClusterParameters = {
  numOfMnodes: 3,
  balance: 1,
  mnodeEqualVnodeNum: 4,
  offlineThreshold: 864_000,
  statusInterval: 1,
  maxTablesPerVnode: 1_000_000,
  maxVgroupsPerDb: 0,
  arbitrator: '',
  timezone: 'UTC',
};

/** In the order in which they are compared; the reasons are what `show dnodes` prints. */
const reasons = [
  ['numOfMnodes', 'numOfMnodes not match'],
  ['balance', 'balance not match'],
  ['mnodeEqualVnodeNum', 'mnEqualVn not match'],
  ['offlineThreshold', 'offThreshold not match'],
  ['statusInterval', 'interval not match'],
  ['maxTablesPerVnode', 'maxTabPerVn not match'],
  ['maxVgroupsPerDb', 'maxVgPerDb not match'],
  ['arbitrator', 'arbitrator not match'],
  ['timezone', 'timezone not match'],
] as const satisfies readonly (readonly [keyof ClusterParameters, string])[];

/** Why `show dnodes` calls a dnode offline. */
export type OfflineReason =
  | 'status msg timeout'
  | 'status not received'
  | 'status reset by mnode'
  | 'version not match'
  | 'dnodeId not match'
  | 'clusterId not match'
  | (typeof reasons)[number][1];

/** A reason for `show dnodes`, and a sentence with both values for logs. */
export interface Mismatch {
  readonly reason: OfflineReason;
  readonly detail: string;
}

/** The first setting in which a dnode differs from the cluster. */
export function parameterMismatch(
  reported: ClusterParameters,
  expected: ClusterParameters,
): Mismatch | undefined {
  for (const [name, reason] of reasons) {
    if (reported[name] === expected[name]) continue;
    return {
      reason,
      detail: `${name} is ${quoted(reported[name])} in its taos.cfg, ${quoted(expected[name])} in the cluster's; make them the same and restart`,
    };
  }
  return undefined;
}

/** A dnode that belongs to another cluster than this one. */
export function foreignCluster(endPoint: string, clusterId: string, own: string): Mismatch {
  return {
    reason: 'clusterId not match',
    detail: `${endPoint} belongs to cluster ${clusterId}, this one is ${own}: a dnode whose firstEp names itself founds a cluster of its own; set firstEp to a dnode of this one and empty its dataDir`,
  };
}

function quoted(value: string | number): string {
  return typeof value === 'number' ? String(value) : `'${value}'`;
}

/** Versions fit when their first two numbers do: patches may be mixed while a cluster is upgraded host by host. */
export function versionMismatch(reported: string, expected: string): Mismatch | undefined {
  const line = (version: string): string => version.split('.').slice(0, 2).join('.');
  if (line(reported) === line(expected)) return undefined;
  return {
    reason: 'version not match',
    detail: `it runs version ${reported}, the cluster ${expected}`,
  };
}
