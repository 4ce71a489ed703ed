/** What the mnode is told of taos.cfg. */
import type { Config, Precision } from '@tdnode/common';
import type { MnodeConfig } from '@tdnode/mnode';

/** The mnode's share of taos.cfg. */
export function mnodeConfig(config: Config): MnodeConfig {
  return {
    placement: {
      maxVgroupsPerDb: config.maxVgroupsPerDb,
      minTablesPerVnode: config.minTablesPerVnode,
      tableIncStepPerVnode: config.tableIncStepPerVnode,
      maxTablesPerVnode: config.maxTablesPerVnode,
    },
    dbDefaults: {
      replica: config.replica,
      quorum: config.quorum,
      days: config.days,
      keep: [config.keep, config.keep, config.keep],
      cache: config.cache,
      blocks: config.blocks,
      minRows: config.minRows,
      maxRows: config.maxRows,
      comp: config.comp,
      walLevel: config.walLevel,
      fsync: config.fsync,
      update: config.update,
      cacheLast: 0,
      precision: 'ms' satisfies Precision,
    },
    cluster: {
      numOfMnodes: config.numOfMnodes,
      balance: config.balance,
      mnodeEqualVnodeNum: config.mnodeEqualVnodeNum,
      offlineThreshold: config.offlineThreshold,
      statusInterval: config.statusInterval,
      maxTablesPerVnode: config.maxTablesPerVnode,
      maxVgroupsPerDb: config.maxVgroupsPerDb,
      arbitrator: config.arbitrator,
      timezone: config.timezone,
    },
    adjustMaster: config.adjustMaster === 1,
    version: config.version,
  };
}
