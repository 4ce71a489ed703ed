/** How far a dump is: one line that is drawn again on a terminal, a line every five seconds on a pipe. */

const FRAME_MS = 200;
const LINE_MS = 5_000;

/** Counts what is done and says so. */
export class Progress {
  readonly #what: string;
  readonly #files: number;
  readonly #isTty = process.stdout.isTTY;
  readonly #started = performance.now();
  #next = 0;
  #rows = 0;
  #done = 0;

  /** `files`: how many there are to be done. */
  constructor(what: string, files: number) {
    this.#what = what;
    this.#files = files;
    this.#next = this.#started + (this.#isTty ? FRAME_MS : LINE_MS);
  }

  get rows(): number {
    return this.#rows;
  }

  addRows(count: number): void {
    this.#rows += count;
    this.#show();
  }

  addFile(): void {
    this.#done++;
    this.#show();
  }

  /** Ends the line. */
  stop(): void {
    if (this.#isTty) process.stdout.write('\r\u001B[K');
  }

  /** Rows a second since the beginning. */
  get rate(): number {
    const seconds = (performance.now() - this.#started) / 1000;
    return seconds > 0 ? Math.round(this.#rows / seconds) : 0;
  }

  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  #show(): void {
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + (this.#isTty ? FRAME_MS : LINE_MS);
    const text = `${this.#what}: ${this.#done} of ${this.#files} files, ${this.#rows} rows, ${this.rate} rows/s`;
    process.stdout.write(this.#isTty ? `\r\u001B[K${text}` : `${text}\n`);
  }
}
