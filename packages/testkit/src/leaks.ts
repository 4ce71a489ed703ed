/** Whoever opens, closes: checks at the end of a test that nothing was left open. */
import { assert } from '@tdnode/common';
import type { MemoryFileSystem } from './fs/memory-file-system.ts';

/** Throws when a handle of the file system is still open, and says which. */
export function assertNothingOpen(fs: MemoryFileSystem): void {
  assert(fs.openPaths.length === 0, `open files: ${fs.openPaths.join(', ')}`);
}
