/**
 * Who this dnode is, as `dataDir/dnode/` keeps it (format: docs/format/dnode.md): its id and cluster in
 * `dnodeCfg.json`, all dnodes it has heard of in `dnodeEps.json`, where the mnodes are in `mnodeEpSet.json`.
 *
 * Each file is replaced whole: written beside, synced, renamed, folder synced.
 */
import { ErrorCode, TaosError, type FileSystem } from '@tdnode/common';

/** What `dnodeCfg.json` holds. */
export interface DnodeIdentity {
  readonly dnodeId: number;
  readonly clusterId: string;
}

/** A dnode's id and end point `fqdn:port`. */
export interface DnodeEndPoint {
  readonly dnodeId: number;
  readonly endPoint: string;
}

export class IdentityFiles {
  readonly #fs: FileSystem;
  readonly #dir: string;

  constructor(fs: FileSystem, dataDir: string) {
    this.#fs = fs;
    this.#dir = `${dataDir}/dnode`;
    fs.makeFolder(this.#dir);
  }

  /** undefined: this dnode has joined no cluster yet. */
  readIdentity(): DnodeIdentity | undefined {
    const value = this.#read('dnodeCfg.json');
    if (value === undefined) return undefined;
    const { dnodeId, clusterId } = value;
    if (typeof dnodeId !== 'number' || typeof clusterId !== 'string') {
      throw this.#malformed('dnodeCfg.json', 'dnodeId and clusterId wanted');
    }
    return { dnodeId, clusterId };
  }

  writeIdentity(identity: DnodeIdentity): void {
    this.#write('dnodeCfg.json', identity);
  }

  /** All dnodes heard of; none before the first join. */
  readDnodes(): readonly DnodeEndPoint[] {
    return this.#readEndPoints('dnodeEps.json', 'dnodeInfos');
  }

  /** Where the mnodes were last; none before the first join. */
  readMnodes(): readonly DnodeEndPoint[] {
    return this.#readEndPoints('mnodeEpSet.json', 'nodeInfos');
  }

  writeDnodes(dnodes: readonly DnodeEndPoint[]): void {
    this.#write('dnodeEps.json', { dnodeNum: dnodes.length, dnodeInfos: dnodes });
  }

  writeMnodes(mnodes: readonly DnodeEndPoint[]): void {
    this.#write('mnodeEpSet.json', { nodeNum: mnodes.length, nodeInfos: mnodes });
  }

  #readEndPoints(name: string, list: string): readonly DnodeEndPoint[] {
    const value = this.#read(name);
    if (value === undefined) return [];
    const items: unknown = value[list];
    if (Array.isArray(items) && items.every(isEndPoint)) return items;
    throw this.#malformed(name, `a list ${list} of dnodeId and endPoint wanted`);
  }

  #read(name: string): Record<string, unknown> | undefined {
    const file = `${this.#dir}/${name}`;
    if (!this.#fs.exists(file)) return undefined;
    try {
      const value: unknown = JSON.parse(new TextDecoder().decode(this.#fs.readFile(file)));
      if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    } catch (cause) {
      throw this.#malformed(name, 'it is not JSON', cause);
    }
    throw this.#malformed(name, 'an object wanted');
  }

  #malformed(name: string, what: string, cause?: unknown): TaosError {
    return new TaosError(ErrorCode.COM_FILE_CORRUPTED, undefined, {
      detail: `${this.#dir}/${name} cannot be read: ${what}`,
      cause,
    });
  }

  #write(name: string, value: object): void {
    const file = `${this.#dir}/${name}`;
    const bytes = new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}\n`);
    const handle = this.#fs.open(`${file}.new`, 'create');
    try {
      handle.write(bytes, 0);
      handle.sync();
    } finally {
      handle.close();
    }
    this.#fs.rename(`${file}.new`, file);
    this.#fs.syncFolder(this.#dir);
  }
}

function isEndPoint(value: unknown): value is DnodeEndPoint {
  if (typeof value !== 'object' || value === null) return false;
  const { dnodeId, endPoint } = value as Partial<Record<string, unknown>>;
  return typeof dnodeId === 'number' && typeof endPoint === 'string';
}
