/**
 * serverPort: what the other dnodes may ask of this one, and the client that asks them. Everything that comes in is
 * signed with a key of the cluster's secret; users' statements come with a name and a password (docs/protocol/rpc.md).
 */
import { readFileSync } from 'node:fs';
import type { Clock, Config, Logger } from '@tdnode/common';
import {
  Authenticator,
  RareLog,
  RpcClient,
  RpcServer,
  deriveClusterKeys,
  loadTls,
  registerDnodeCommands,
  registerDnodeOperations,
  registerMnodeCalls,
  registerPing,
  registerSqlCalls,
  registerStatusCall,
  registerVnodeCalls,
  type Caller,
  type ClusterKeys,
  type DnodeAddress,
  type DnodeCommands,
  type DnodeOperations,
  type SqlBackend,
  type StatusAnswer,
  type StatusReport,
  type TlsOptions,
  type VnodeService,
} from '@tdnode/rpc';
import type { MnodeRouter } from './mnode-router.ts';
import { notHere } from './not-here.ts';
import { ownMnode } from './own-mnode.ts';

/** What a door stands on. */
export interface DoorOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Empty: no cluster yet. */
  readonly clusterId: () => string;
}

/** What is behind the door. */
export interface House {
  /** The vnodes of this dnode only: who asks for another is told so. */
  readonly vnodes: VnodeService;
  readonly mnodes: MnodeRouter;
  readonly commands: DnodeCommands;
  readonly operations: DnodeOperations;
  /** Users' statements: the coordinator. */
  readonly sql: SqlBackend;
  /** Throws RedirectError unless the mnode's master is here. */
  readonly demandMaster: () => void;
  readonly dnodeId: () => number;
  /** Takes up the list of the cluster that the mnode here gave another dnode: its vnodes may be needed at once. */
  readonly learn: (dnodes: readonly DnodeAddress[], mnodes: readonly DnodeAddress[]) => void;
}

/** See the head of this file. */
export class Door {
  readonly client: RpcClient;
  readonly keys: ClusterKeys;
  readonly tls: TlsOptions | undefined;
  readonly #options: DoorOptions;
  readonly #server: RpcServer;
  readonly #endPoint: string;
  readonly #log: RareLog;
  #stopChanges: (() => void) | undefined;

  constructor(options: DoorOptions) {
    const { config, clock, logger, clusterId } = options;
    this.#options = options;
    this.#endPoint = `${config.fqdn}:${config.serverPort}`;
    this.#log = new RareLog(logger, 'DND', clock);
    this.keys = deriveClusterKeys(config.clusterSecret);
    this.tls = loadTls(config, (path) => readFileSync(path, 'utf8'));
    const auth = new Authenticator(this.keys.rpc, { clusterId, endPoint: this.#endPoint }, clock);
    this.#server = new RpcServer({ auth, clock, logger, tls: this.tls });
    this.client = new RpcClient({ auth, clock, tls: this.tls });
  }

  /** Opens the port. */
  async open(house: House): Promise<void> {
    const { config, clusterId } = this.#options;
    const { vnodes, mnodes, commands, operations, sql, demandMaster, dnodeId } = house;
    registerVnodeCalls(this.#server, vnodes);
    registerDnodeCommands(this.#server, commands, dnodeId);
    registerDnodeOperations(this.#server, operations, dnodeId);
    this.#stopChanges = registerMnodeCalls(this.#server, ownMnode(mnodes), { demandMaster });
    registerSqlCalls(this.#server, sql);
    registerStatusCall(this.#server, (report, { caller }) => {
      demandMaster();
      return this.#status(house, report, caller.dialled);
    });
    registerPing(this.#server, (caller) => {
      this.#warnOfForeign(caller);
      return {
        dnodeId: dnodeId(),
        endPoint: this.#endPoint,
        clusterId: clusterId(),
        version: config.version,
      };
    });
    await this.#server.listen({ port: config.serverPort });
  }

  /** Lets nobody in any more. */
  async close(): Promise<void> {
    this.#stopChanges?.();
    await this.#server.close();
  }

  /** Asks nobody any more. */
  async closeClient(): Promise<void> {
    await this.client.close();
  }

  /** A cluster that asks for this dnode though it is of another one has created it, and waits for it in vain. */
  #warnOfForeign({ from, clusterId }: Caller): void {
    const own = this.#options.clusterId();
    if (clusterId === '' || own === '' || clusterId === own) return;
    this.#log.warn(
      `foreign ${clusterId}`,
      `${from} of cluster ${clusterId} asks for this dnode, which belongs to cluster ${own}: if it is to join that one, stop it, set firstEp to ${from}, and empty its dataDir`,
    );
  }

  async #status(house: House, report: StatusReport, dialled: string): Promise<StatusAnswer> {
    if (dialled.toLowerCase() !== this.#endPoint.toLowerCase())
      this.#log.warn(
        `dialled ${report.endPoint}`,
        `${report.endPoint} dialled ${dialled} and reached ${this.#endPoint}: that name leads to this host`,
      );
    const mnode = house.mnodes.local;
    if (mnode === undefined) throw notHere('mnode');
    const answer = await mnode.onStatus(report);
    if (answer.kind === 'welcome') house.learn(answer.dnodes, answer.mnodes);
    return answer;
  }
}
