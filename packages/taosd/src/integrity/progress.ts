/** The file being read, on a terminal only, one line that is written over. */
import type { WriteStream } from 'node:tty';

/** Files between two changes of the line: enough to see that it moves. */
const EVERY = 16;

/** See the head of this file. */
export class Progress {
  readonly #stream: WriteStream;
  #files = 0;

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  show(file: string): void {
    if (!this.#stream.isTTY || this.#files++ % EVERY !== 0) return;
    const text = `${this.#files} files, ${file}`;
    this.#stream.write(`\r\u001b[K${text.slice(0, Math.max(20, this.#stream.columns - 1))}`);
  }

  clear(): void {
    if (this.#stream.isTTY && this.#files > 0) this.#stream.write('\r\u001b[K');
  }
}
