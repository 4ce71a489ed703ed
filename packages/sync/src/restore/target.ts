/**
 * The side that gets the files: asks for the next pieces, a few at a time, again when they do not come, and gives
 * the whole to be installed. What it has stays staged when the source falls silent or this replica crashes.
 */
import type { FileSystem } from '@tdnode/common';
import type { ReplicaId } from '../core/types.ts';
import type { Anchor } from '../driver/replica-state.ts';
import type { RestoreFrame } from './frames.ts';
import { CHUNK_BYTES } from './source.ts';
import { Staging } from './staging.ts';

/** Pieces asked for ahead: enough for 100 MB/s over 10 ms. */
const WINDOW = 4;
/** Pieces that do not come within so many ticks are asked for again. */
const RETRY_TICKS = 5;
/** A source from which nothing came for so many ticks is given up. */
const SILENT_TICKS = 60;

/** See the head of this file. */
export class FileTarget {
  readonly from: ReplicaId;
  readonly offerId: number;
  readonly anchor: Anchor;
  readonly #staging: Staging;
  readonly #ask: (file: number, offset: number, length: number) => void;
  /** Up to where pieces of the present file have been asked for. */
  #askedFile = -1;
  #askedTo = 0;
  #waitedTicks = 0;
  #silentTicks = 0;

  constructor(
    place: { readonly fs: FileSystem; readonly folder: string },
    offer: Extract<RestoreFrame, { kind: 'offer' }>,
    ask: (file: number, offset: number, length: number) => void,
  ) {
    this.from = offer.from;
    this.offerId = offer.offerId;
    this.anchor = offer.anchor;
    this.#staging = new Staging(place.fs, place.folder, offer.files);
    this.#ask = ask;
    this.#askNext();
  }

  /** The staged files, once all are there. */
  get complete(): Staging | undefined {
    return this.#staging.next === undefined ? this.#staging : undefined;
  }

  /** A piece came. */
  chunk({ file, offset, bytes }: Extract<RestoreFrame, { kind: 'chunk' }>): void {
    this.#silentTicks = 0;
    if (!this.#staging.write(file, offset, bytes)) return;
    this.#waitedTicks = 0;
    this.#askNext();
  }

  /** Time passed; false: the source is given up. */
  tick(): boolean {
    this.#silentTicks++;
    this.#waitedTicks++;
    if (this.#waitedTicks >= RETRY_TICKS) {
      this.#waitedTicks = 0;
      this.#askedFile = -1;
      this.#askNext();
    }
    return this.#silentTicks < SILENT_TICKS;
  }

  close(): void {
    this.#staging.close();
  }

  #askNext(): void {
    const { next } = this.#staging;
    if (next === undefined) return;
    const { file, offset, left } = next;
    if (file !== this.#askedFile || this.#askedTo < offset) {
      this.#askedFile = file;
      this.#askedTo = offset;
    }
    const end = offset + left;
    while (this.#askedTo < end && this.#askedTo < offset + WINDOW * CHUNK_BYTES) {
      const length = Math.min(CHUNK_BYTES, end - this.#askedTo);
      this.#ask(file, this.#askedTo, length);
      this.#askedTo += length;
    }
  }
}
