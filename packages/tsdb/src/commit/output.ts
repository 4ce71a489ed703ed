/**
 * The segment files that one job writes: begun when there is a first block, removed again unless the job
 * comes to its end.
 */
import type { FileSystem } from '@tdnode/common';
import { segmentName, type SegmentEntry } from '../manifest/manifest.ts';
import type { BlockSource, Compression } from '../segment/segment-types.ts';
import { SegmentWriter } from '../segment/segment-writer.ts';
import { isIoError } from '../manifest/file-set.ts';

/** What a job writes with. */
export interface OutputOptions {
  readonly fs: FileSystem;
  readonly dir: string;
  readonly comp: Compression;
}

/** See the head of this file. */
export class SegmentOutput {
  readonly entries: SegmentEntry[] = [];
  readonly #options: OutputOptions;
  #writer: SegmentWriter | undefined;
  #partition = 0;
  #seq = 0;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** The following blocks go to this file. */
  begin(partition: number, seq: number): void {
    this.#partition = partition;
    this.#seq = seq;
  }

  add(block: BlockSource): void {
    this.#writer ??= new SegmentWriter(this.#options.fs, this.#path(this.#partition, this.#seq), {
      comp: this.#options.comp,
    });
    this.#writer.addBlock(block);
  }

  /** Ends the file, if a block came. */
  finish(maxVersion: number): void {
    if (this.#writer === undefined) return;
    const info = this.#writer.finish({ maxVersion });
    this.#writer = undefined;
    this.entries.push({ partition: this.#partition, seq: this.#seq, info });
  }

  /** Removes all files. What can't be removed is an orphan, and goes when the store is opened again. */
  abandon(): void {
    ignoringDisk(() => this.#writer?.abort());
    this.#writer = undefined;
    for (const { partition, seq } of this.entries) {
      ignoringDisk(() => this.#options.fs.unlink(this.#path(partition, seq)));
    }
  }

  #path(partition: number, seq: number): string {
    return `${this.#options.dir}/${segmentName(partition, seq)}`;
  }
}

function ignoringDisk(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!isIoError(error)) throw error;
  }
}
