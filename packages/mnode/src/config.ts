/** What the mnode must be told of taos.cfg, with TDengine 2.1.2's defaults. */
import type { DbOptions } from '@tdnode/common';
import type { PlacementConfig } from './allocate/placement.ts';

export interface MnodeConfig {
  readonly placement: PlacementConfig;
  /** Options of a database for what `create database` leaves out. */
  readonly dbDefaults: DbOptions;
  /** How many vnodes an mnode weighs in `show scores`. */
  readonly mnodeEqualVnodeNum: number;
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
  mnodeEqualVnodeNum: 4,
};
