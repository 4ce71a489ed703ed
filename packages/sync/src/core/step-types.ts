/**
 * What goes into `ReplicaCore.step` and what comes out: the contract between the core and its driver.
 */
import type { Message } from '../messages/message.ts';
import type {
  Config,
  ConfigAt,
  ConfigChange,
  HardState,
  Refusal,
  ReplicaId,
  Role,
} from './types.ts';

/** One event. */
export type Input =
  /** Time passed. `luck` in [0, 1) spreads election timeouts. Not needed while the group has one replica. */
  | { readonly kind: 'tick'; readonly luck: number }
  /** A message came in. Its entries' bytes stay with the driver until Output.append asks for them. */
  | { readonly kind: 'message'; readonly message: Message }
  /**
   * The master wrote entries up to `lastVersion` into its log (not necessarily on the disk yet), all under
   * `core.term`, after `core.refusal()` was undefined or because Output.write asked for them. `configs`: those
   * among them that are config entries.
   */
  | {
      readonly kind: 'appended';
      readonly lastVersion: number;
      readonly bytes: number;
      readonly configs?: readonly ConfigAt[];
    }
  /**
   * The log holds everything up to `version` as durably as the database asks for (walLevel, fsync); `term`
   * is that entry's, so that news of an entry cut meanwhile is recognised.
   */
  | { readonly kind: 'persisted'; readonly version: number; readonly term: number }
  /** What the last Output.append asked for could not be written; the log is as LogView says. */
  | { readonly kind: 'appendFailed' }
  /** The connection to `peer` broke. A hint that makes fail-over fast; never needed for safety. */
  | { readonly kind: 'peerLost'; readonly peer: ReplicaId }
  /** `core.wantsFiles` was true; immutable files up to `version` arrived and are durable; the log is empty and goes on after `version`. */
  | {
      readonly kind: 'filesInstalled';
      readonly version: number;
      readonly term: number;
      readonly config: ConfigAt;
    }
  /** The follower `to` confirmed files up to `version`, or (undefined) sending them came to nothing. */
  | { readonly kind: 'filesSent'; readonly to: ReplicaId; readonly version: number | undefined }
  /** Change the members: answered by Output.write or Output.refused. */
  | { readonly kind: 'change'; readonly change: ConfigChange }
  /** The database's `quorum` was altered: holds from now on. */
  | { readonly kind: 'quorum'; readonly quorum: number }
  /** Hand the mastership to `to`: Output.refused, or it happens (or lapses after an election timeout). */
  | { readonly kind: 'transfer'; readonly to: ReplicaId };

/** An entry that the master makes itself. The driver encodes it with a record type of its own. */
export type OwnEntry =
  | { readonly kind: 'noop' }
  | { readonly kind: 'config'; readonly config: Config };

/** Entries of the message just stepped that go into the log; versions [from, to], both included. */
export interface AppendOrder {
  readonly from: number;
  readonly to: number;
}

/**
 * What the driver has to do, in this order, before it steps again:
 *
 * 1. `hardState`: write and fsync it. A vote or a term that leaves this host must not be forgotten.
 * 2. `truncateAfter`: cut the log (durably) and, if something above was applied, rebuild memory from files + log.
 * 3. `append`: write these entries, taken from the message that was stepped, into the log. If that fails, send
 *    the messages all the same and step `appendFailed`.
 * 4. `messages`: send them; an append's payloads are read from the log. They may be lost, repeated, reordered.
 * 5. `write`: put these entries into the log under `core.term`, then step `appended`. If the log refuses, try
 *    again while `term` stays and this replica is master: until then nothing of this term commits.
 * 6. `files`: begin to send files to these followers; step `filesSent` at the end. Each is asked once.
 * 7. Apply up to `appliable`; answer clients up to `acknowledged`; let versions up to `commit` go into files.
 *
 * When what was written at 3 or 5 (or proposed) has become durable, step `persisted`; the acknowledgements that
 * depend on it are in *that* step's Output, so no message here waits for the log. Writes and fsyncs of several
 * steps may be batched, as long as 1 happens before 4 of the same Output.
 */
export interface Output {
  readonly hardState?: HardState;
  readonly truncateAfter?: number;
  readonly append?: AppendOrder;
  readonly messages: readonly Message[];
  readonly write?: readonly OwnEntry[];
  readonly files?: readonly ReplicaId[];
  /** The answer to `change` or `transfer` when it is no. */
  readonly refused?: Refusal;
  readonly role: Role;
  readonly term: number;
  /** Clients waiting for versions up to this one get their answer. Meaningful on the master. */
  readonly acknowledged: number;
  /** Versions up to this one may be applied, and read. Never falls but with `truncateAfter`. */
  readonly appliable: number;
  /** Versions up to this one are the group's for ever and may go into files. Never falls. */
  readonly commit: number;
}
