/**
 * The transport's limits and times, each with its reason. docs/protocol/transport.md lists them.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** One frame of a vgroup: a log record of 40 MiB (the largest write) and what goes with it. */
export const MAX_FRAME_BYTES = 48 * MIB;
/** A message holds frames until it has so many bytes: enough to spare system calls, little enough to go in one turn. */
export const BATCH_BYTES = 256 * KIB;
/** What `ws` may take for one message: a batch that was almost full when the largest frame came. */
export const MAX_MESSAGE_BYTES = MAX_FRAME_BYTES + BATCH_BYTES + 64;
/** Live bytes that wait for one peer before `send` says no. */
export const LIVE_QUEUE_BYTES = 64 * MIB;
/** Small frames (votes, heartbeats of vgroups) are taken beyond that, so that data never keeps them out. */
export const SMALL_FRAME_BYTES = 4 * KIB;
/** How far beyond. */
export const SMALL_RESERVE_BYTES = 1 * MIB;
/** How long a lazy frame waits for one that is in a hurry, ms: under load one comes, and spares a message and a wake-up. */
export const LAZY_MS = 3;
/** Live bytes handed to the socket ahead of what it sent: the rest waits where heartbeats can still pass it. */
export const LIVE_AHEAD_BYTES = 1 * MIB;
/** Bulk bytes that wait for one peer; one frame is taken in any case. */
export const BULK_QUEUE_BYTES = 4 * MIB;
/** Bulk goes in pieces of so many bytes, so that live frames go between them. */
export const BULK_CHUNK_BYTES = 64 * KIB;
/** Bulk bytes on the way and not acknowledged: what a live frame may have to wait for (4 ms at 1 Gbit/s). */
export const BULK_WINDOW_BYTES = 512 * KIB;
/** The receiver acknowledges bulk after so many bytes. */
export const BULK_ACK_BYTES = 128 * KIB;
/** Bulk bytes a second of one dnode to all its peers, unless set otherwise. */
export const BULK_BYTES_PER_SECOND = 64 * MIB;
/** Sockets that may be open: peers, and as many that still prove who they are. */
export const MAX_SOCKETS = 2048;

/** Times in ms; tests may shorten them together. */
export interface TransportTiming {
  /** A heartbeat leaves so often in both directions. */
  readonly heartbeatMs: number;
  /** A connection on which one direction was silent so long is broken. With a heartbeat more: 1.5 s. */
  readonly silenceMs: number;
  /** From the first byte to READY. */
  readonly handshakeMs: number;
  /** First and longest pause between dials; half of each is luck. */
  readonly dialPauseMs: number;
  readonly dialPauseMaxMs: number;
  /** The dnode with the higher id dials only after so long without a connection. */
  readonly standbyMs: number;
}

export const STANDARD_TIMING: TransportTiming = {
  heartbeatMs: 300,
  silenceMs: 1200,
  handshakeMs: 2000,
  dialPauseMs: 50,
  dialPauseMaxMs: 1000,
  standbyMs: 1500,
};
