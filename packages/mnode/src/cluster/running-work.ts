/** What clients are doing, for `show connections`, `show queries` and `kill`: filled by whoever hears it from coordinators. */

/** One row of `show connections`. Times in ms since 1970. */
export interface ConnectionRow {
  readonly id: number;
  readonly user: string;
  readonly program: string;
  readonly pid: number;
  /** `ip:port` of the client. */
  readonly address: string;
  readonly loginAt: number;
  readonly lastAccessAt: number;
}

/** One row of `show queries`. */
export interface QueryRow {
  /** `connection:number`, what `kill query` takes. */
  readonly id: string;
  readonly user: string;
  readonly address: string;
  /** Of the running fragments, as the server numbers them. */
  readonly qid: string;
  readonly createdAt: number;
  /** Running time in us. */
  readonly elapsedUs: number;
  readonly sql: string;
}

/** All coordinators' work, as last heard. */
export interface RunningWork {
  connections(): readonly ConnectionRow[];
  queries(): readonly QueryRow[];
  /** Ends a connection or a query; false: there is none of that id. */
  kill(what: 'connection' | 'query' | 'stream', id: string): boolean;
}

/** Where nobody reports work. */
export const nothingRuns: RunningWork = {
  connections: () => [],
  queries: () => [],
  kill: () => false,
};
