/** Continuous queries as the mnode tells them to who runs them, and what it hears back for `show streams`. */

/** One continuous query. */
export interface StreamDefinition {
  /** `vgId:uid` of the table that it writes, what `kill stream` takes. */
  readonly id: string;
  /** Of the table that it writes. */
  readonly uid: number;
  readonly db: string;
  readonly table: string;
  readonly user: string;
  /** What bare names in `sql` belong to. */
  readonly sessionDb: string | undefined;
  readonly timezone: string;
  /** ms since 1970; the `now` of `sql`. */
  readonly created: number;
  /** The select. */
  readonly sql: string;
}

/** How far a continuous query is. */
export interface StreamProgress {
  /** When it ran last, ms since 1970. */
  readonly ranAt: number;
  /** How long that took, us. */
  readonly elapsedUs: number;
  /** How often it ran since it is this dnode that runs it. */
  readonly cycles: number;
}
