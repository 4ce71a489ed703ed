/** What a failed start says: one sentence, whatever was thrown. */
import { CorruptionError, TaosError } from '@tdnode/common';

/** Why the server did not start: one sentence for the operator, on the terminal and in the log. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}

/** The sentence for anything thrown at the start; what is not expected keeps its stack. */
export function startupSentence(error: unknown): string {
  if (error instanceof StartupError) return error.message;
  if (error instanceof CorruptionError) {
    return `${error.message}: taosd --check says what is damaged, taosd --repair does what is possible`;
  }
  if (error instanceof TaosError && error.detail !== undefined) return error.detail;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Node's error code (`ENOSPC`, …), if it has one. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOENT: 'it does not exist and cannot be made',
  ENOTDIR: 'part of the path is not a folder',
  EIO: 'the disk reports an error',
};

/** Node's error code as words. */
export function reasonOf(error: unknown): string {
  const code = errnoOf(error);
  const words = reasons[code];
  if (words !== undefined) return `${words} (${code})`;
  return error instanceof Error ? error.message : String(error);
}
