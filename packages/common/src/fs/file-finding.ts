/** What looking at a file found: one row of `taosd --check`. */
export interface FileFinding {
  /** What the file is, in a word or two: `log`, `meta`, `manifest`, `segment`, `config`, … */
  readonly part: string;
  readonly file: string;
  readonly bytes: number;
  /** `torn`: the end of a log that a power cut left; the next start saves and cuts it, nothing known is lost. */
  readonly state: 'ok' | 'torn' | 'damaged';
  /** Bytes from the start of the file to the bad place; 0 where all is well. */
  readonly offset: number;
  /** What is wrong there; empty where all is well. */
  readonly what: string;
  /** What cannot be read because of it; empty where all is well. */
  readonly affected: string;
}

/** What a repair did, in sentences for the operator. */
export interface RepairReport {
  /** Files that were made of what was taken away. */
  readonly aside: readonly string[];
  /** What is gone, one thing a line. */
  readonly lost: readonly string[];
  /** What was done besides. */
  readonly done: readonly string[];
  /** What cannot be repaired; empty: it serves again. */
  readonly failed: readonly string[];
}
