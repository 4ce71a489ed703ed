/**
 * Files whose absence nothing else notices: a store without a manifest would begin empty, and a log without
 * segments behind what is in files. Both look the same as a new vnode's unless the other one is asked.
 */
import { CorruptionError, type FileSystem } from '@tdnode/common';
import { firstLogVersion } from '@tdnode/wal';

/**
 * Whether the manifest is gone: the log no longer begins with version 1, or is empty beside segment files. The
 * segments would be taken for left-overs of an unfinished commit.
 */
export function lostManifest(fs: FileSystem, folder: string): CorruptionError | undefined {
  const dir = `${folder}/tsdb`;
  if (!fs.exists(dir) || fs.exists(`${dir}/manifest`)) return undefined;
  const first = fs.exists(`${folder}/wal`) ? firstLogVersion(fs, `${folder}/wal`) : undefined;
  const isLost =
    first === undefined ? fs.list(dir).some((name) => name.endsWith('.seg')) : first > 1;
  return isLost ? new CorruptionError(`${dir}/manifest`, 0, 'the manifest is missing') : undefined;
}

/** Whether the log is gone: a store that has committed always has a segment, or one that was cut off whole. */
export function lostLog(
  fs: FileSystem,
  folder: string,
  committedVersion: number,
): CorruptionError | undefined {
  if (committedVersion === 0) return undefined;
  const dir = `${folder}/wal`;
  const isLost =
    !fs.exists(dir) ||
    !fs.list(dir).some((name) => name.endsWith('.log') || name.endsWith('.log.cut'));
  return isLost
    ? new CorruptionError(dir, 0, `the log after version ${committedVersion} is missing`)
    : undefined;
}
