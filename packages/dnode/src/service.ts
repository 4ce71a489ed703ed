/**
 * What one host does for the cluster: its engine threads with their vnodes, its mnode, and who it is.
 *
 * Opening goes upwards: vnodes first, then the mnode (which repairs what vnodes have not heard), then the
 * identity. Closing goes the other way.
 */
import {
  type Clock,
  type Config,
  type FileSystem,
  type Logger,
  type Precision,
} from '@tdnode/common';
import { openMnode, type Mnode, type MnodeConfig, type RunningWork } from '@tdnode/mnode';
import type { MnodeService, VnodeService } from '@tdnode/rpc';
import { startEngineThreads, type EngineClient } from '@tdnode/vnode';
import { IdentityFiles } from './identity.ts';

export interface DnodeOptions {
  readonly config: Config;
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Cores of this machine. */
  readonly cores: number;
  /** What `show variables` prints. */
  readonly variables: () => readonly (readonly [name: string, value: string])[];
  /** `alter local` and `alter dnode`. */
  readonly setVariable: (name: string, value: string | undefined) => void;
  /** What `show queries` prints and `kill` ends. */
  readonly work?: RunningWork;
}

/** The id of the dnode that founds a cluster. */
const FIRST_DNODE_ID = 1;

export class Dnode {
  readonly #engines: EngineClient;
  readonly #mnode: Mnode;

  /** Opens everything under `dataDir`; throws TaosError or CorruptionError when metadata cannot be read. */
  static async open(options: DnodeOptions): Promise<Dnode> {
    const { config, fs, clock, logger, cores } = options;
    const files = new IdentityFiles(fs, config.dataDir);
    const dnodeId = files.readIdentity()?.dnodeId ?? FIRST_DNODE_ID;
    const endPoint = `${config.fqdn}:${config.serverPort}`;
    const engines = await startEngineThreads({
      dataDir: config.dataDir,
      engines: Math.max(1, Math.round(cores * config.numOfThreadsPerCore)),
      keepDropped: config.vnodeBak === 1,
      logger,
      debug: ((config.debugFlag || config.vDebugFlag) & 8) !== 0,
    });
    for (const vnode of engines.opened) {
      if (vnode.error !== undefined) {
        const { code, text, detail } = vnode.error;
        logger.error('DND', `vnode ${vnode.vgId} does not serve: ${detail ?? text} (${code})`);
      }
    }
    const mnode = await openMnode({
      fs,
      dir: `${config.dataDir}/mnode`,
      clock,
      logger,
      vnodes: engines,
      config: mnodeConfig(config),
      dnode: { id: dnodeId, endPoint, cores },
      variables: options.variables,
      setVariable: options.setVariable,
      ...(options.work === undefined ? {} : { work: options.work }),
    });
    files.writeIdentity({ dnodeId, clusterId: mnode.clusterId });
    files.writeDnodes([{ dnodeId, endPoint }]);
    files.writeMnodes([{ dnodeId, endPoint }]);
    logger.info(
      'DND',
      `dnode ${dnodeId} ${endPoint} of cluster ${mnode.clusterId}, ${engines.opened.length} vnodes`,
    );
    return new Dnode(engines, mnode);
  }

  private constructor(engines: EngineClient, mnode: Mnode) {
    this.#engines = engines;
    this.#mnode = mnode;
  }

  get vnodes(): VnodeService {
    return this.#engines;
  }

  get mnode(): MnodeService {
    return this.#mnode;
  }

  /** Puts everything into files and ends the engines. Nobody may call the services any more. */
  async close(): Promise<void> {
    try {
      await this.#mnode.close();
    } finally {
      await this.#engines.close();
    }
  }
}

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
