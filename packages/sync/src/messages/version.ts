/**
 * Versions of the replication protocol, newest last. A change of any message's bytes adds a line here; peers of
 * different versions do not talk. The schema test fails when the bytes changed and the version did not.
 */
export const PROTOCOL_VERSIONS = [
  /** append, appendAck, heartbeat, heartbeatAck, vote, voteAck, timeoutNow, inSync, inSyncAck. */
  1,
] as const;

/** The one spoken by this program. */
export const PROTOCOL_VERSION: number = PROTOCOL_VERSIONS.at(-1)!;
