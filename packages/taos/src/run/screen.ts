/** Where a shell writes: the seam between sessions and the process. */

/** Answers and messages. */
export interface Screen {
  /** Standard output; resolves when more may be written. */
  write(text: string): Promise<void>;
  /** Standard error. */
  warn(text: string): void;
  /** Whether a person reads standard error, and so is helped by more than the recorded line. */
  readonly hasReader: boolean;
}
