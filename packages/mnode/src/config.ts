/** What the mnode must be told of taos.cfg, with TDengine 2.1.2's defaults. */
import type { DbOptions } from '@tdnode/common';
import type { ClusterParameters } from '@tdnode/rpc';
import type { PlacementConfig } from './allocate/placement.ts';
import { defaultParameters } from './cluster/parameters.ts';

export interface MnodeConfig {
  readonly placement: PlacementConfig;
  /** Options of a database for what `create database` leaves out. */
  readonly dbDefaults: DbOptions;
  /** What must be the same on all dnodes; this mnode's are the cluster's. */
  readonly cluster: ClusterParameters;
  /** taos.cfg `adjustMaster`: masters are spread evenly. */
  readonly adjustMaster: boolean;
  /** Of this program, as dnodes report theirs. */
  readonly version: string;
}

/** TDengine 2.1.2's defaults. */
export const defaultMnodeConfig: MnodeConfig = {
  placement: {
    maxVgroupsPerDb: 0,
    minTablesPerVnode: 1000,
    tableIncStepPerVnode: 1000,
    maxTablesPerVnode: 1_000_000,
  },
  dbDefaults: {
    replica: 1,
    quorum: 1,
    days: 10,
    keep: [3650, 3650, 3650],
    cache: 16,
    blocks: 6,
    minRows: 100,
    maxRows: 4096,
    comp: 2,
    walLevel: 1,
    fsync: 3000,
    update: 0,
    cacheLast: 0,
    precision: 'ms',
  },
  cluster: defaultParameters,
  adjustMaster: true,
  version: '2.1.2.0',
};
