/** Bytes on disk that are not what was written. Only the holder of the file decides what follows. */
export class CorruptionError extends Error {
  override readonly name = 'CorruptionError';
  readonly file: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly what: string;

  constructor(file: string, offset: number, what: string) {
    super(`${file}: ${what} at byte ${offset}`);
    this.file = file;
    this.offset = offset;
    this.what = what;
  }
}
