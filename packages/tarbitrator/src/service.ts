/** The arbitrator behind its transport: dnodes dial it, it never dials. */
import {
  systemClock,
  systemRandom,
  type Clock,
  type FileSystem,
  type Logger,
} from '@tdnode/common';
import type { TlsOptions } from '@tdnode/rpc';
import { ARBITRATOR, Arbitrator, Transport } from '@tdnode/sync';

/** Length of a tick of the arbitrator's elections, as the replicas have it. */
const TICK_MS = 100;

/** What an arbitrator is started with. */
export interface ArbitratorOptions {
  readonly fs: FileSystem;
  /** Folder of its votes; made when it is missing. */
  readonly dataDir: string;
  readonly endPoint: string;
  readonly port: number;
  /** `deriveClusterKeys(clusterSecret).transport`. */
  readonly key: Uint8Array;
  readonly tls: TlsOptions | undefined;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** An arbitrator that listens. */
export interface RunningArbitrator {
  readonly port: number;
  close(): Promise<void>;
}

/** Opens the votes and the port; throws CorruptionError when votes are damaged, Error when the port is taken. */
export async function startArbitrator(options: ArbitratorOptions): Promise<RunningArbitrator> {
  const { fs, dataDir, endPoint, port, key, tls, logger, clock = systemClock } = options;
  fs.makeFolder(dataDir);
  const transport = new Transport({
    self: { dnodeId: ARBITRATOR, endPoint },
    listen: { port },
    key,
    clusterId: '',
    clock,
    random: systemRandom,
    logger,
    tls,
    takesStrangers: true,
  });
  const arbitrator = new Arbitrator({
    fs,
    logger,
    folder: dataDir,
    send: (to, parts) => void transport.send(to, vgroupOf(parts[0]!), parts, 'live'),
  });
  transport.onFrame((_from, _vgId, bytes) => arbitrator.receive(new Uint8Array(bytes)));
  transport.onPeer((event) => {
    if (event.kind === 'up') logger.info('SYN', `dnode ${event.dnodeId} is connected`);
    if (event.kind !== 'down') return;
    logger.info('SYN', `dnode ${event.dnodeId} is gone: ${event.reason}`);
    arbitrator.peerLost(event.dnodeId);
  });
  const opened = await transport.start();
  const timer = setInterval(() => arbitrator.tick(), TICK_MS);
  return {
    port: opened,
    close: async () => {
      clearInterval(timer);
      await transport.close();
    },
  };
}

/** A frame begins with its vgroup's id. */
function vgroupOf({ buffer, byteOffset }: Uint8Array): number {
  return new DataView(buffer, byteOffset).getUint32(0, true);
}
