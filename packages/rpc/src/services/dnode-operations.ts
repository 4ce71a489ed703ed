/** What operators ask of a dnode, through the mnode's master: what its clients are doing, to end that, to change a setting. */

/** One client of a dnode. Times in ms since 1970. */
export interface ListedConnection {
  /** Its number on that dnode. */
  readonly id: number;
  readonly user: string;
  readonly program: string;
  readonly pid: number;
  /** `ip:port`; of REST clients `ip`, since all requests of a user from there count as one. */
  readonly address: string;
  readonly loginAt: number;
  readonly lastAccessAt: number;
}

/** One running query of a dnode's client. */
export interface ListedQuery {
  readonly connectionId: number;
  /** Its number on that dnode. */
  readonly number: number;
  readonly user: string;
  readonly address: string;
  /** ms since 1970. */
  readonly createdAt: number;
  readonly elapsedUs: number;
  /** Its first characters. */
  readonly sql: string;
}

/** What the clients of one dnode are doing. */
export interface DnodeWork {
  readonly connections: readonly ListedConnection[];
  readonly queries: readonly ListedQuery[];
}

/** What is to end: one query, or all of a connection; numbers as the dnode's own list has them. */
export interface WorkTarget {
  readonly connectionId: number;
  /** undefined: the connection. */
  readonly query: number | undefined;
}

/** See the head of this file. Each call rejects with TaosError when the dnode could not be reached. */
export interface DnodeOperations {
  work(dnodeId: number): Promise<DnodeWork>;
  /** False: there is none of that number. */
  kill(dnodeId: number, target: WorkTarget): Promise<boolean>;
  /** `alter dnode`; undefined where the setting takes no value (`resetlog`). */
  setVariable(dnodeId: number, name: string, value: string | undefined): Promise<void>;
}
