/**
 * Frames that replicas of one engine want sent, gathered over a turn: live frames as one run for each peer, whose buffers
 * come back and are used again, since the memory of other threads costs garbage collections; bulk frames each by itself.
 */
import type { VgId } from '@tdnode/common';
import { FrameRun, singleRun } from './frame-run.ts';
import type { SentRun } from './protocol.ts';

/** Buffers that are kept for later turns. */
const KEPT_BUFFERS = 8;
/** Larger ones are not kept. */
const KEPT_BYTES = 1024 * 1024;
/** A run that has so many bytes is followed by another one. */
const RUN_BYTES = 256 * 1024;

/** See the head of this file. */
export class OutgoingFrames {
  readonly #open = new Map<number, FrameRun>();
  #runs: SentRun[] = [];
  readonly #spare: ArrayBuffer[] = [];

  get isEmpty(): boolean {
    return this.#runs.length === 0 && this.#open.size === 0;
  }

  /** Copies a frame. */
  add(vgId: VgId, peer: number, parts: readonly Uint8Array[], lane: 'live' | 'bulk'): void {
    if (lane === 'bulk') {
      this.#runs.push({ peer, lane, run: singleRun(vgId, parts) });
      return;
    }
    let run = this.#open.get(peer);
    if (run === undefined) this.#open.set(peer, (run = new FrameRun(this.#spare.pop())));
    run.add(vgId, parts);
    if (run.length < RUN_BYTES) return;
    this.#runs.push({ peer, lane, run: run.take() });
    this.#open.delete(peer);
  }

  /** Everything so far, in order for each peer and lane; empty afterwards. */
  take(): readonly SentRun[] {
    const runs = this.#runs;
    this.#runs = [];
    for (const [peer, run] of this.#open) runs.push({ peer, lane: 'live', run: run.take() });
    this.#open.clear();
    return runs;
  }

  /** Buffers of runs that have been sent. */
  giveBack(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) {
      const isOfUse = buffer.byteLength <= KEPT_BYTES && this.#spare.length < KEPT_BUFFERS;
      if (isOfUse) this.#spare.push(buffer);
    }
  }
}
