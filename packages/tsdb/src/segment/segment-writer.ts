/**
 * Writes one segment file (docs/format/segment.md): blocks as they come, then index and footer.
 */
import type { FileSystem } from '@tdnode/common';
import type { BlockSource, Compression, SegmentInfo } from './segment-types.ts';

export interface SegmentWriterOptions {
  readonly comp: Compression;
}

export class SegmentWriter {
  /** Creates (or empties) the file. */
  constructor(_fs: FileSystem, _path: string, _options: SegmentWriterOptions) {
    throw new Error('not written yet');
  }

  /** Encodes and appends a block. Its (tid, first time) must be above those of the block before. */
  addBlock(_block: BlockSource): void {
    throw new Error('not written yet');
  }

  /** Writes index and footer, syncs and closes the file. At least one block must have been added. */
  finish(_meta: { readonly maxVersion: number }): SegmentInfo {
    throw new Error('not written yet');
  }

  /** Closes and removes the file; harmless after `finish` and when called twice. */
  abort(): void {
    throw new Error('not written yet');
  }
}
