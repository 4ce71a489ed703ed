/**
 * Who else is in the cluster, as the last answers to our reports said: dnodes with their end points, and which of them
 * carry the metadata. Kept in `dnodeEps.json` and `mnodeEpSet.json`, so that a restart finds the cluster without
 * firstEp.
 */
import { ErrorCode, TaosError } from '@tdnode/common';
import type { DnodeAddress } from '@tdnode/rpc';
import type { IdentityFiles } from './identity.ts';

/** See the head of this file. */
export class ClusterMap {
  readonly #files: IdentityFiles;
  #dnodes: ReadonlyMap<number, string>;
  #mnodes: readonly DnodeAddress[];
  #idsByEndPoint = new Map<string, number>();
  readonly #listeners: (() => void)[] = [];

  constructor(files: IdentityFiles) {
    this.#files = files;
    this.#dnodes = byId(files.readDnodes());
    this.#mnodes = files.readMnodes();
    this.#index();
  }

  /** All dnodes, this one too. */
  get dnodes(): readonly DnodeAddress[] {
    return Array.from(this.#dnodes, ([dnodeId, endPoint]) => ({ dnodeId, endPoint }));
  }

  /** Dnodes with an mnode, the likeliest master first. */
  get mnodes(): readonly DnodeAddress[] {
    return this.#mnodes;
  }

  /** Whether this dnode has the cluster to itself: nobody else can have what it has not. */
  get isAlone(): boolean {
    return this.#dnodes.size < 2;
  }

  /** Where a dnode listens; throws TaosError for one that is not in the list. */
  endPointOf(dnodeId: number): string {
    const endPoint = this.#dnodes.get(dnodeId);
    if (endPoint !== undefined) return endPoint;
    throw new TaosError(ErrorCode.RPC_NETWORK_UNAVAIL, undefined, {
      detail: `dnode ${dnodeId} is not in this dnode's list of the cluster`,
    });
  }

  /** The dnode that listens there. */
  idOf(endPoint: string): number | undefined {
    return this.#idsByEndPoint.get(endPoint.toLowerCase());
  }

  /** Takes up what an answer said; writes files and calls back only when something changed. */
  update(dnodes: readonly DnodeAddress[], mnodes: readonly DnodeAddress[]): void {
    const before = this.dnodes;
    const areSame = isSame(before, dnodes) && isSame(this.#mnodes, mnodes);
    if (areSame) return;
    this.#dnodes = byId(dnodes);
    this.#mnodes = mnodes;
    this.#index();
    this.#files.writeDnodes(dnodes);
    this.#files.writeMnodes(mnodes);
    for (const listener of this.#listeners) listener();
  }

  /** Calls back after each change. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #index(): void {
    this.#idsByEndPoint = new Map(
      this.dnodes.map(({ dnodeId, endPoint }) => [endPoint.toLowerCase(), dnodeId]),
    );
  }
}

function byId(addresses: readonly DnodeAddress[]): ReadonlyMap<number, string> {
  return new Map(addresses.map(({ dnodeId, endPoint }) => [dnodeId, endPoint]));
}

function isSame(a: readonly DnodeAddress[], b: readonly DnodeAddress[]): boolean {
  if (a.length !== b.length) return false;
  return a.every(({ dnodeId, endPoint }, i) => {
    const other = b[i]!;
    return other.dnodeId === dnodeId && other.endPoint === endPoint;
  });
}
