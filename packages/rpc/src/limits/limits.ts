/**
 * Every limit of the wires with its reason. Tests reach each of them; docs/protocol/rpc.md lists them.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** A call's request or answer of metadata: a statement of 1 MiB and its frame, with room. */
export const MAX_SMALL_BYTES = 4 * MIB;
/** A call that carries rows: a body of 8 MiB grows when text becomes columns, at most fourfold. */
export const MAX_LARGE_BYTES = 40 * MIB;
/** One frame of a streamed answer: 4096 rows of the widest kind, 64 KiB, and room for offsets. */
export const MAX_STREAM_FRAME_BYTES = 320 * MIB;
/** Headers of one request: ours need about 700 bytes. */
export const MAX_HEADER_BYTES = 8 * KIB;
/** The SQL of a shell's request. */
export const MAX_SQL_BYTES = 8 * MIB;

/** Clocks of two dnodes may differ so much before a request is refused; also how long a replay could try. */
export const MAX_CLOCK_SKEW_MS = 300_000;
/** Requests of one client that may overtake an older one, which is then refused as a replay: 8 KiB a client. */
export const REPLAY_WINDOW = 65_536;
/** Running programs that may sign within one window of time; more means something starts in a circle. */
export const MAX_SIGNERS = 1024;

/** Sockets to one dnode for data; a stream holds one while it lasts. */
export const MAX_DATA_SOCKETS = 128;
/** Sockets to one dnode for heartbeats and commands, which never queue behind data. */
export const MAX_CONTROL_SOCKETS = 8;
/** Calls to one dnode that run or wait; more are refused at once with `RPC_MAX_SESSIONS`. */
export const MAX_CALLS_IN_FLIGHT = 4096;
/** Sockets that a server holds open. */
export const MAX_SERVER_SOCKETS = 5000;
/** A new connection must say its headers within this. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** A request must be whole within this. */
export const REQUEST_TIMEOUT_MS = 120_000;
/** A server closes a socket that is idle so long; clients close theirs sooner, so that no request meets the close. */
export const SERVER_IDLE_MS = 65_000;
/** See SERVER_IDLE_MS. */
export const CLIENT_IDLE_MS = 20_000;
/** A connection that is not made by then will not be. */
export const CONNECT_TIMEOUT_MS = 2_000;
/** How long a server that closes waits for the answers that are under way. */
export const CLOSE_GRACE_MS = 500;
/** A reader of a stream that takes nothing for so long has gone. */
export const STALLED_READER_MS = 120_000;
/** A call without a deadline of its own. */
export const DEFAULT_DEADLINE_MS = 30_000;
/** No deadline is later than this. */
export const MAX_DEADLINE_MS = 600_000;

/** Changes of the catalog that a mnode remembers for caches that come back; older ones mean "forget all". */
export const MAX_CHANGES_KEPT = 4096;
/** How long a mnode lets a cache wait for the next change. */
export const CHANGE_WAIT_MS = 10_000;
