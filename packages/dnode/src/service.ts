/**
 * What one host does for the cluster: its engine threads with their vnodes, the mnode where it has one, its place among
 * the other dnodes, and the ways to all of them.
 *
 * Opening goes upwards: vnodes first, then the mnode (which repairs what vnodes have not heard), then the port of the
 * other dnodes, then the reports. Closing goes the other way. With an empty dataDir, firstEp decides: who is firstEp
 * founds a cluster, everybody else asks to be let in.
 */
import {
  ErrorCode,
  TaosError,
  systemRandom,
  type Clock,
  type Config,
  type FileSystem,
  type Logger,
} from '@tdnode/common';
import { MNODE_VGID, type StreamRuns } from '@tdnode/mnode';
import {
  MasterFinder,
  RedirectError,
  RemoteDnodeCommands,
  RemoteDnodeOperations,
  RemoteMnodeService,
  ping,
  type DnodeCommands,
  type DnodeOperations,
  type DnodeRole,
  type MasterFinderOptions,
  type MnodeService,
  type SqlBackend,
  type StreamDefinition,
  type VnodeService,
  type VnodeStats,
} from '@tdnode/rpc';
import { startEngineThreads, type EngineClient } from '@tdnode/vnode';
import { ClusterMap } from './cluster-map.ts';
import { CommandRouter, reported } from './command-router.ts';
import { Door } from './door.ts';
import { LoadMeter } from './host-load.ts';
import { IdentityFiles, type DnodeIdentity } from './identity.ts';
import { Membership } from './membership.ts';
import { mnodeConfig } from './mnode-config.ts';
import { MnodeHost } from './mnode-host.ts';
import { MnodeRouter } from './mnode-router.ts';
import { OperationsRouter, localOperations, type LocalWork } from './operations.ts';
import { ReplicationWires } from './replication-wires.ts';
import { VnodeExecutor } from './vnode-executor.ts';
import { VnodeRouter } from './vnode-router.ts';

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
  readonly work: LocalWork;
  /** How far continuous queries are that run here. */
  readonly streamRuns?: StreamRuns;
  /** This dnode was dropped from its cluster: the program must end, and not be started again. */
  readonly onDropped?: (sentence: string) => void;
}

/** The id of the dnode that founds a cluster. */
const FIRST_DNODE_ID = 1;

/** How long a command waits until the mnode has heard of what it did. */
const HEARD_MS = 1_000;

/** Heartbeats look for a master no longer than this: the next one looks again. */
const SEARCH_MS = 500;

export class Dnode {
  readonly #options: DnodeOptions;
  readonly #engines: EngineClient;
  readonly #door: Door;
  readonly #map: ClusterMap;
  readonly #executor: VnodeExecutor;
  readonly #membership: Membership;
  readonly #mnodes: MnodeRouter;
  readonly #vnodes: VnodeRouter;
  readonly #wires: ReplicationWires;
  readonly #host: MnodeHost;
  #isReporting = false;

  /** Opens everything under `dataDir`; throws TaosError or CorruptionError when metadata cannot be read. */
  static async open(options: DnodeOptions): Promise<Dnode> {
    const { config, fs, logger, cores } = options;
    const files = new IdentityFiles(fs, config.dataDir);
    const identity = files.readIdentity();
    const map = new ClusterMap(files);
    const engines = await startEngineThreads({
      dataDir: config.dataDir,
      engines: Math.max(1, Math.round(cores * config.numOfThreadsPerCore)),
      keepDropped: config.vnodeBak === 1,
      logger,
      hasArbitrator: config.arbitrator !== '',
      debug: ((config.debugFlag || config.vDebugFlag) & 8) !== 0,
      ...(identity === undefined ? {} : { dnodeId: identity.dnodeId }),
    });
    for (const vnode of engines.opened) {
      if (vnode.error !== undefined) {
        const { code, text, detail } = vnode.error;
        logger.error('DND', `vnode ${vnode.vgId} does not serve: ${detail ?? text} (${code})`);
      }
    }
    const dnode = new Dnode(options, { files, identity, map, engines });
    if (hasMnode(options, identity, map)) await dnode.#openMnode();
    return dnode;
  }

  private constructor(
    options: DnodeOptions,
    parts: {
      readonly files: IdentityFiles;
      readonly identity: DnodeIdentity | undefined;
      readonly map: ClusterMap;
      readonly engines: EngineClient;
    },
  ) {
    const { config, clock, logger } = options;
    const { files, identity, map, engines } = parts;
    this.#options = options;
    this.#engines = engines;
    this.#map = map;
    this.#executor = new VnodeExecutor(engines, () => this.#membership.dnodeId);
    this.#door = new Door({ config, clock, logger, clusterId: () => this.#membership.clusterId });
    const { client } = this.#door;
    this.#mnodes = new MnodeRouter({
      remote: new RemoteMnodeService({
        ...this.#search(),
        mnodes: () => this.#mnodeDoors(),
      }),
      notReady: () => this.#membership.notReady(),
      onRemoteStatement: () => this.#vnodes.changedUnseen(),
    });
    this.#vnodes = new VnodeRouter({
      self: () => this.#membership.dnodeId,
      local: engines,
      hasLocal: (vgId) => this.#executor.has(vgId),
      places: this.#mnodes,
      mayAnswer: (dnodeId) => this.#wires.mayAnswer(dnodeId),
      writesTo: (dnodeId) => this.#wires.writesTo(dnodeId),
      map,
      client,
      clock,
      slaveQuery: config.slaveQuery === 1,
    });
    this.#membership = this.#newMembership(files, identity);
    engines.onRole(() => {
      if (this.#isReporting) void this.#membership.beat(); // the cluster hears of a new master at once
    });
    this.#host = this.#newHost();
    this.#wires = new ReplicationWires({
      config,
      vnodes: engines,
      mnode: this.#host,
      map,
      door: this.#door,
      clock,
      logger,
      onLost: (dnodeId) => {
        const lost = map.dnodes.find((one) => one.dnodeId === dnodeId);
        if (lost !== undefined) client.drop(lost.endPoint); // what waits for it fails now
      },
      identity: () => this.#membership,
    });
  }

  /** Every vnode of the cluster. */
  get vnodes(): VnodeService {
    return this.#vnodes;
  }

  /** The cluster's metadata. */
  get mnode(): MnodeService {
    return this.#mnodes;
  }

  /** The cluster's continuous queries; undefined: the mnode's master, whose dnode runs them, is elsewhere. */
  get streams(): readonly StreamDefinition[] | undefined {
    return this.#mnodes.local?.streams();
  }

  /** This dnode's number in its cluster; 0 before it has joined one. */
  get dnodeId(): number {
    return this.#membership.dnodeId;
  }

  /** What the vnodes of this dnode say of themselves. */
  vnodeStats(): Promise<{ readonly vgId: number; readonly stats: VnodeStats }[]> {
    return this.#executor.stats();
  }

  /** serverPorts of all dnodes. */
  get endPoints(): readonly string[] {
    return this.#map.dnodes.map(({ endPoint }) => endPoint);
  }

  /** Lets the other dnodes and users in, and begins to report; rejects when the port is taken. */
  async join(sql: SqlBackend): Promise<void> {
    const { config, logger } = this.#options;
    await this.#door.open({
      vnodes: this.#engines,
      mnodes: this.#mnodes,
      commands: this.#commands(),
      operations: this.#operations(),
      sql,
      demandMaster: () => this.#demandMaster(),
      dnodeId: () => this.#membership.dnodeId,
      learn: (dnodes, mnodes) => this.#map.update(dnodes, mnodes),
    });
    logger.info('DND', `dnodes are heard on port ${config.serverPort}`);
    this.#wires.follow();
    this.#membership.start();
    this.#isReporting = true;
  }

  /** Puts everything into files and ends the engines. Nobody may call the services any more. */
  async close(): Promise<void> {
    this.#isReporting = false;
    await Promise.all([this.#engines.handOver(), this.#host.handOver()]);
    this.#mnodes.close();
    this.#vnodes.close();
    await this.#door.close();
    await this.#membership.close();
    try {
      await this.#host.close();
    } finally {
      await this.#door.closeClient();
      await this.#wires.close();
      await this.#engines.close();
    }
  }

  /** Throws RedirectError unless the mnode's master is here. */
  #demandMaster(): void {
    const { mnode } = this.#host;
    if (mnode !== undefined) return mnode.demandMaster();
    const own = endPointOf(this.#options.config);
    const others = this.#map.mnodes.map(({ endPoint }) => endPoint).filter((one) => one !== own);
    throw new RedirectError(others, `${own} has no mnode`);
  }

  async #openMnode(): Promise<void> {
    const { logger, config } = this.#options;
    const isFounder = this.#membership.dnodeId === 0;
    const dnodeId = isFounder ? FIRST_DNODE_ID : this.#membership.dnodeId;
    const endPoint = endPointOf(config);
    const mnode = await this.#host.open(dnodeId);
    if (isFounder) {
      this.#membership.join({ dnodeId, clusterId: mnode.clusterId });
      this.#map.update([{ dnodeId, endPoint }], [{ dnodeId, endPoint }]);
    }
    const { clusterId } = this.#membership;
    const { length } = this.#engines.opened;
    logger.info('DND', `dnode ${dnodeId} ${endPoint} of cluster ${clusterId}, ${length} vnodes`);
  }

  #newMembership(files: IdentityFiles, identity: DnodeIdentity | undefined): Membership {
    const { config, clock, logger, cores } = this.#options;
    const endPoint = endPointOf(config);
    return new Membership(
      {
        self: {
          endPoint,
          version: config.version,
          cores,
          role: config.role as DnodeRole,
          parameters: mnodeConfig(config).cluster,
        },
        files,
        map: this.#map,
        vnodes: {
          reports: async () => [...this.#host.reports(), ...(await this.#executor.reports())],
          obey: (command) => this.#executor.obey(command),
        },
        load: new LoadMeter(config.dataDir),
        finder: new MasterFinder({ ...this.#search(), searchMs: SEARCH_MS }),
        mayAnswer: (dnodeId) => this.#wires.mayAnswer(dnodeId),
        localMnode: () => this.#mnodes.local,
        doors: [...new Set([config.firstEp, config.secondEp])].filter((one) => one !== endPoint),
        clock,
        logger,
        onJoined: ({ dnodeId }) => this.#engines.identify(dnodeId),
        onMnodes: (ids) => this.#host.obey(ids),
        onDropped: (sentence) => this.#options.onDropped?.(sentence),
      },
      identity,
    );
  }

  /** Where the mnode's master may be. The one here is asked by RPC too: it may become master while others are silent. */
  #mnodeDoors(): readonly string[] {
    if (this.#membership.dnodeId === 0) return [];
    const others = this.#membership.candidates();
    return this.#host.mnode === undefined ? others : [endPointOf(this.#options.config), ...others];
  }

  /** How the mnode's master is found. */
  #search(): MasterFinderOptions {
    return {
      client: this.#door.client,
      mnodes: () => this.#membership.candidates(),
      mayAnswer: (endPoint) => {
        const dnodeId = this.#map.idOf(endPoint);
        return dnodeId === undefined || this.#wires.mayAnswer(dnodeId);
      },
      clock: this.#options.clock,
      random: systemRandom,
    };
  }

  #newHost(): MnodeHost {
    const { config, fs, clock, logger, cores, variables, streamRuns } = this.#options;
    const { client } = this.#door;
    const endPointById = (id: number): string => this.#map.endPointOf(id);
    const remote = new RemoteDnodeCommands(client, endPointById);
    const remoteOperations = new RemoteDnodeOperations(client, endPointById);
    return new MnodeHost({
      fs,
      dir: mnodeFolder(config),
      logger,
      dnodeId: () => this.#membership.dnodeId,
      mnodes: () => this.#map.mnodes.map(({ dnodeId }) => dnodeId),
      isAlone: () => this.#map.isAlone,
      open: (dnodeId) => ({
        clock,
        vnodes: this.#vnodes,
        config: mnodeConfig(config),
        dnode: { id: dnodeId, endPoint: endPointOf(config), cores },
        variables,
        arbitratorSince: () => this.#wires.arbitratorSince,
        askWho: (asked) => this.#door.client.call(asked, ping, undefined),
        commands: new CommandRouter(dnodeId, this.#commands(), remote),
        operations: new OperationsRouter(dnodeId, this.#operations(), remoteOperations),
        ...(streamRuns === undefined ? {} : { streamRuns }),
      }),
      send: (dnodeId, parts, lane) => void this.#wires.send(dnodeId, MNODE_VGID, parts, lane),
      onMaster: (mnode) => this.#mnodes.setLocal(mnode),
    });
  }

  #operations(): DnodeOperations {
    return localOperations(this.#options.work, this.#options.setVariable);
  }

  /** This dnode's own commands: who asked for a change may count on it that the mnode has heard of it. */
  #commands(): DnodeCommands {
    const own: DnodeCommands = {
      createVnode: (id, vnode, start) => this.#executor.createVnode(id, vnode, start),
      alterVnode: (id, vnode) => this.#executor.alterVnode(id, vnode),
      dropVnode: (id, vgId) => this.#executor.dropVnode(id, vgId),
      changeMembers: (id, vgId, change) =>
        Number(vgId) === MNODE_VGID
          ? this.#host.changeMembers(change)
          : this.#executor.changeMembers(id, vgId, change),
      vnodeReport: async (id, vgId) =>
        Number(vgId) === MNODE_VGID
          ? this.#host.reports()[0]
          : this.#executor.vnodeReport(id, vgId),
    };
    return reported(own, async () => {
      const late = new Promise<void>((resolve) => setTimeout(resolve, HEARD_MS).unref());
      await Promise.race([this.#membership.beat(), late]);
    });
  }
}

function endPointOf({ fqdn, serverPort }: Config): string {
  return `${fqdn}:${serverPort}`;
}

function mnodeFolder({ dataDir }: Config): string {
  return `${dataDir}/mnode`;
}

/** Whether this dnode carries the metadata: it did before, or it is to found a cluster. */
function hasMnode(
  { config, fs }: DnodeOptions,
  identity: DnodeIdentity | undefined,
  map: ClusterMap,
): boolean {
  if (fs.exists(mnodeFolder(config))) return true;
  const endPoint = endPointOf(config).toLowerCase();
  if (identity === undefined) return config.firstEp.toLowerCase() === endPoint;
  const isOnlyOne = map.mnodes.every(({ dnodeId }) => dnodeId === identity.dnodeId);
  if (!isOnlyOne) return false;
  throw new TaosError(ErrorCode.COM_FILE_CORRUPTED, undefined, {
    detail: `${mnodeFolder(config)} is gone, and with it all metadata of cluster ${identity.clusterId}: this dnode was the only one that had it`,
  });
}
