/**
 * The master's view of one follower: a little machine of its own.
 *
 *                    refused, lost or silent                     the log begins
 *        ┌──────────────────────────────────────────┐           behind `next`
 *        ▼                                          │     ┌──────────────────────▶ files ─┐
 *      probe ──────────── accepted ───────────▶ stream    │                               │
 *        │  one message at a time, then waits     many on the way, `next` runs ahead      │
 *        ├────────────────────────────────────────────────┘                               │
 *        ▲                 files sent, or sending them came to nothing                    │
 *        └────────────────────────────────────────────────────────────────────────────────┘
 *
 * Invariants: matched < next; in probe and files nothing is on the way but at most one probe; what is on the
 * way stays within the window (one message may always go, however long its entry).
 */
import { assert } from '@tdnode/common';
import type { ReplicaId } from './types.ts';

/** An append on the way: its last version and the bytes of its payloads. */
interface InFlight {
  readonly to: number;
  readonly bytes: number;
}

/** How much may be on the way to one follower. */
export interface Window {
  readonly bytesMax: number;
  readonly messagesMax: number;
}

/** See the head of this file. */
export class Follower {
  readonly id: ReplicaId;
  progress: 'probe' | 'stream' | 'files' = 'probe';
  /** Durable there and equal to the master's log. */
  matched = 0;
  /** First version of the next append. */
  next: number;
  /** Probe: one is on the way, wait for its answer (or a heartbeat's). */
  isProbeSent = false;
  /** It has answered this master. */
  hasAnswered = false;
  /** Ticks since it last answered in this term. */
  silentTicks = 0;
  /** Ticks since it last came forward, while there is something to come forward to. */
  stuckTicks = 0;
  /** Its connection broke and it has not answered since. */
  isLost = false;
  /** The commit that it was last told. */
  commitSent = 0;
  #inFlight: InFlight[] = [];
  #inFlightBytes = 0;

  constructor(id: ReplicaId, next: number) {
    this.id = id;
    this.next = next;
  }

  /** It answered. */
  heard(): void {
    this.hasAnswered = true;
    this.silentTicks = 0;
    this.isLost = false;
  }

  /** Start over behind what it surely has. */
  becomeProbe(next = this.matched + 1): void {
    assert(next >= 1, 'the first version is 1');
    this.progress = 'probe';
    this.next = next;
    this.matched = Math.min(this.matched, next - 1);
    this.isProbeSent = false;
    this.#clearInFlight();
  }

  becomeFiles(): void {
    assert(this.progress !== 'files', 'files are asked for once');
    this.progress = 'files';
    this.#clearInFlight();
  }

  /** Durable and equal up to `version`. */
  accepted(version: number, firstVersion: number): void {
    if (version > this.matched) {
      this.matched = version;
      this.stuckTicks = 0;
    }
    this.next = Math.max(this.next, this.matched + 1);
    while (this.#inFlight.length > 0 && this.#inFlight[0]!.to <= version)
      this.#inFlightBytes -= this.#inFlight.shift()!.bytes;
    if (this.progress === 'stream' || (this.progress === 'files' && version + 1 < firstVersion))
      return;
    this.progress = 'stream';
    this.isProbeSent = false;
    this.next = this.matched + 1;
  }

  /** Whether another append with entries may go now. */
  mayStream(window: Window): boolean {
    return (
      this.progress === 'stream' &&
      this.#inFlight.length < window.messagesMax &&
      (this.#inFlight.length === 0 || this.#inFlightBytes < window.bytesMax)
    );
  }

  /** Bytes that the next append may carry. */
  roomBytes(window: Window): number {
    return Math.max(0, window.bytesMax - this.#inFlightBytes);
  }

  /** Entries up to `to` went out. */
  sent(to: number, bytes: number): void {
    if (this.progress === 'stream') {
      this.#inFlight.push({ to, bytes });
      this.#inFlightBytes += bytes;
      this.next = to + 1;
    } else {
      this.isProbeSent = true;
    }
  }

  /** Appends on the way. */
  get inFlightCount(): number {
    return this.#inFlight.length;
  }

  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  #clearInFlight(): void {
    this.#inFlight = [];
    this.#inFlightBytes = 0;
  }
}
