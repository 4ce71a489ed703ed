/**
 * Frames that replicas of one engine want sent, gathered over a turn: live frames as one run for each peer, whose buffers
 * come back and are used again, since the memory of other threads costs garbage collections; bulk frames each by itself.
 */
import type { VgId } from '@tdnode/common';
import type { SendLane } from '@tdnode/sync';
import { FrameRun, singleRun } from './frame-run.ts';
import type { SentRun } from './protocol.ts';

/** Buffers that are kept for later turns. */
const KEPT_BUFFERS = 8;
/** Larger ones are not kept. */
const KEPT_BYTES = 1024 * 1024;
/** A run that has so many bytes is followed by another one. */
const RUN_BYTES = 256 * 1024;

interface OpenRun {
  readonly run: FrameRun;
  isLazy: boolean;
}

/** See the head of this file. */
export class OutgoingFrames {
  readonly #open = new Map<number, OpenRun>();
  #runs: SentRun[] = [];
  readonly #spare: ArrayBuffer[] = [];

  get isEmpty(): boolean {
    return this.#runs.length === 0 && this.#open.size === 0;
  }

  /** Copies a frame. */
  add(vgId: VgId, peer: number, parts: readonly Uint8Array[], lane: SendLane): void {
    if (lane === 'bulk') {
      this.#runs.push({ peer, lane, run: singleRun(vgId, parts) });
      return;
    }
    let open = this.#open.get(peer);
    if (open === undefined)
      this.#open.set(peer, (open = { run: new FrameRun(this.#spare.pop()), isLazy: true }));
    open.run.add(vgId, parts);
    open.isLazy &&= lane === 'lazy';
    if (open.run.length >= RUN_BYTES) this.#seal(peer, open);
  }

  /** Everything so far, in order for each peer and lane; empty afterwards. */
  take(): readonly SentRun[] {
    for (const [peer, open] of this.#open) this.#seal(peer, open);
    const runs = this.#runs;
    this.#runs = [];
    return runs;
  }

  /** Buffers of runs that have been sent. */
  giveBack(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) {
      const isOfUse = buffer.byteLength <= KEPT_BYTES && this.#spare.length < KEPT_BUFFERS;
      if (isOfUse) this.#spare.push(buffer);
    }
  }

  #seal(peer: number, { run, isLazy }: OpenRun): void {
    this.#runs.push({ peer, lane: isLazy ? 'lazy' : 'live', run: run.take() });
    this.#open.delete(peer);
  }
}
