/**
 * Keeping what a repair changes: beside the file, as `<file>.damaged-<n>`, n counting up. Nothing ever
 * removes such files but the operator (docs/recovery.md).
 */
import type { FileSystem } from './file-system.ts';

const COPY_BYTES = 1 << 20;

/** Renames a file out of the way; returns its new name. The caller syncs the folder. */
export function setAside(fs: FileSystem, path: string): string {
  const aside = freeName(fs, path);
  fs.rename(path, aside);
  return aside;
}

/** Copies a file from byte `from` to its end, durably but for the name; the file stays as it is. */
export function copyAside(fs: FileSystem, path: string, from = 0): string {
  const aside = freeName(fs, path);
  const source = fs.open(path, 'read');
  try {
    const target = fs.open(aside, 'create');
    try {
      const chunk = new Uint8Array(COPY_BYTES);
      for (let at = from; ;) {
        const count = source.read(chunk, at);
        if (count === 0) break;
        target.write(chunk.subarray(0, count), at - from);
        at += count;
      }
      target.sync();
    } finally {
      target.close();
    }
  } finally {
    source.close();
  }
  return aside;
}

function freeName(fs: FileSystem, path: string): string {
  for (let n = 1; ; n++) {
    const name = `${path}.damaged-${n}`;
    if (!fs.exists(name)) return name;
  }
}
