/**
 * Frames of replicas on their way between threads, one behind the other in one buffer: `u32` vgId, `u32` length, bytes,
 * zeros up to a multiple of 8. So a frame begins at a multiple of 8, and a turn of many frames is one transfer.
 */
import { assert, type VgId } from '@tdnode/common';

const HEAD_BYTES = 8;

/** The buffer that a run begins with. */
const FIRST_BYTES = 4096;

/** A run that is being written; grows as it needs to. */
export class FrameRun {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #end = 0;

  /** Writes into `buffer`, whose content is of no use any more. */
  constructor(buffer: ArrayBuffer = new ArrayBuffer(FIRST_BYTES)) {
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  /** Bytes so far. */
  get length(): number {
    return this.#end;
  }

  /** Copies one frame, its parts one after the other. */
  add(vgId: VgId, parts: readonly Uint8Array[]): void {
    let length = 0;
    for (const part of parts) length += part.length;
    let at = this.#end;
    this.#end = at + frameBytes(length);
    if (this.#end > this.#bytes.length) this.#grow(at);
    this.#view.setUint32(at, vgId, true);
    this.#view.setUint32(at + 4, length, true);
    at += HEAD_BYTES;
    for (const part of parts) {
      this.#bytes.set(part, at);
      at += part.length;
    }
    this.#bytes.fill(0, at, this.#end);
  }

  /** The run; nobody may add to it any more. Its buffer may be larger. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#end);
  }

  #grow(used: number): void {
    const grown = new Uint8Array(Math.max(this.#end, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, used));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** A run of one frame in a buffer of its own size, which may be kept as long as the frame. */
export function singleRun(vgId: VgId, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const run = new FrameRun(new ArrayBuffer(frameBytes(length)));
  run.add(vgId, parts);
  return run.take();
}

/** Calls `visit` with each frame, a view into the run. */
export function visitFrames(
  run: Uint8Array<ArrayBuffer>,
  visit: (vgId: VgId, bytes: Uint8Array<ArrayBuffer>) => void,
): void {
  const view = new DataView(run.buffer, run.byteOffset, run.length);
  for (let at = 0; at < run.length;) {
    const length = view.getUint32(at + 4, true);
    const begin = at + HEAD_BYTES;
    assert(begin + length <= run.length, 'a frame ends within its run');
    visit(view.getUint32(at, true) as VgId, run.subarray(begin, begin + length));
    at += frameBytes(length);
  }
}

function frameBytes(length: number): number {
  return HEAD_BYTES + ((length + 7) & ~7);
}
