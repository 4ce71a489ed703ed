/**
 * What the main thread and an engine say to each other. Control messages are plain objects; rows and results
 * are ArrayBuffers that change their owner.
 *
 * A chunk of writes holds the writes of one vnode, as its log will have them: a room of 32 bytes, the payload,
 * padding to 8. Until the log fills the room it says how long the payload is (u32 at 0) and what it is
 * (u8 at 8: the record's type).
 */
import { CorruptionError, ErrorCode, TaosError, type LogModule, type VgId } from '@tdnode/common';
import { RedirectError, type VnodeStart } from '@tdnode/rpc';
import type { Role, SendLane } from '@tdnode/sync';

/** Methods of a vnode that are called one at a time. */
export type CallMethod =
  | 'tids'
  | 'tags'
  | 'stats'
  | 'create'
  | 'alter'
  | 'drop'
  | 'sync'
  | 'flush'
  | 'changeMembers'
  | 'handOver'
  | 'close';

/** A frame of a replica on its way to another dnode. Who wants to keep its bytes copies them. */
export interface ReplicaFrame {
  readonly vgId: VgId;
  readonly peer: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lane: SendLane;
}

/** Frames for one dnode, as `visitFrames` reads them. A run is lazy when all its frames are. */
export interface SentRun {
  readonly peer: number;
  readonly lane: SendLane;
  readonly run: Uint8Array<ArrayBuffer>;
}

/** The role or the term of a vnode's replica changed. */
export interface RoleChange {
  readonly vgId: VgId;
  readonly role: Role;
  readonly term: number;
}

/** Main thread → engine. */
export type ToEngine =
  /** All that came since the last one; answered by a `turn` that names the flush. */
  | {
      readonly kind: 'work';
      readonly flush: number;
      readonly vgIds: readonly VgId[];
      /** Writes, a chunk for each of `vgIds`. */
      readonly chunks: readonly ArrayBuffer[];
      /** Frames of other dnodes' replicas, as runs. */
      readonly frames: readonly Uint8Array<ArrayBuffer>[];
      /** Buffers of runs of this engine that have been sent. */
      readonly spent: readonly ArrayBuffer[];
    }
  | {
      readonly kind: 'query';
      readonly stream: number;
      readonly vgId: VgId;
      readonly fragment: object;
      readonly atLeast: number | undefined;
    }
  | { readonly kind: 'peerLost'; readonly peer: number }
  /** Which dnode this is; before, vnodes with replicas do not open. */
  | { readonly kind: 'identify'; readonly dnodeId: number }
  | { readonly kind: 'credit'; readonly stream: number; readonly count: number }
  | { readonly kind: 'cancel'; readonly stream: number }
  | {
      readonly kind: 'call';
      readonly call: number;
      readonly method: CallMethod;
      readonly vgId: VgId;
      readonly argument: unknown;
      /** Of `create`. */
      readonly start?: VnodeStart;
    };

/** Engine → main thread. */
export type FromEngine =
  /** Everything that one drain of the mailbox, or time, brought forth. */
  | {
      readonly kind: 'turn';
      /** Each flush that was taken. */
      readonly answers: readonly FlushAnswer[];
      /** Answers that were still due: of the write `index` of each flush. */
      readonly late: readonly LateAnswer[];
      readonly sent: readonly SentRun[];
      readonly roles: readonly RoleChange[];
    }
  | {
      readonly kind: 'rows';
      readonly stream: number;
      readonly batches: readonly Uint8Array[];
      readonly isLast: boolean;
      readonly error?: WireError;
    }
  | {
      readonly kind: 'reply';
      readonly call: number;
      readonly value?: unknown;
      readonly error?: WireError;
    }
  | { readonly kind: 'ready'; readonly vnodes: readonly OpenedVnode[] }
  | {
      readonly kind: 'log';
      readonly level: 'error' | 'warn' | 'info' | 'debug';
      readonly module: LogModule;
      readonly text: string;
    };

/** In place of a version: the answer comes later, in a `late`. */
export const LATER = -1;

/**
 * Versions of the writes of one flush, in order of chunks and writes; 0 where `errors` has the index, LATER where the
 * answer waits for other replicas.
 */
export interface FlushAnswer {
  readonly flush: number;
  readonly versions: Float64Array;
  readonly errors: readonly [number, WireError][];
}

/** The answer to one write that had to wait. */
export interface LateAnswer {
  readonly flush: number;
  readonly index: number;
  readonly version: number;
  readonly error: WireError | undefined;
}

/** A vnode that an engine found on disk. */
export interface OpenedVnode {
  readonly vgId: VgId;
  /** Why it does not serve; undefined: it does. */
  readonly error: WireError | undefined;
  /** Of its configuration; undefined: that cannot be read. */
  readonly optionsHash: number | undefined;
}

/** An error on its way between threads. */
export interface WireError {
  readonly code: number;
  readonly text: string;
  readonly detail: string | undefined;
  /** Of a redirect: who should be asked. */
  readonly where?: readonly string[];
}

/** Batches an engine sends of one stream before the reader asks for more. */
export const STREAM_CREDIT = 8;

/** An error as it travels; what is not a TaosError is a bug or damage, and says so. */
export function toWire(error: unknown): WireError {
  if (error instanceof TaosError) {
    const { code, message: text, detail } = error;
    return {
      code,
      text,
      detail,
      ...(error instanceof RedirectError ? { where: error.where } : {}),
    };
  }
  const code =
    error instanceof CorruptionError ? ErrorCode.TDB_FILE_CORRUPTED : ErrorCode.VND_APP_ERROR;
  const { message, detail } = new TaosError(code, undefined, {
    detail: error instanceof Error ? error.message : String(error),
  });
  return { code, text: message, detail };
}

/** The error again. */
export function fromWire(wire: WireError): TaosError {
  if (wire.where !== undefined) return new RedirectError(wire.where, wire.detail);
  return new TaosError(
    wire.code,
    wire.text,
    wire.detail === undefined ? {} : { detail: wire.detail },
  );
}
