/** A time zone: how far local time is ahead of UTC at an instant. */
export interface TimeZone {
  /** As the user wrote it, first token: an IANA name or `UTC-8` (POSIX sign: eight hours east). */
  readonly name: string;
  /** Local time minus UTC, ms, at `epochMs` (ms since 1970). */
  offsetMs(epochMs: number): number;
}
