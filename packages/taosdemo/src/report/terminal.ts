/** Where a run speaks: lines on stdout, failures on stderr, and a progress bar where somebody watches. */
import { Presets, SingleBar } from 'cli-progress';

/** What the parts of a run print through. */
export interface Terminal {
  /** A line to stdout and to the result file. */
  line(text: string): void;
  /** A line to stderr. */
  warn(text: string): void;
  /** A bar from 0 to `total`; on a pipe, a plain line now and then. */
  progress(what: string, total: number, unit: string): Progress;
}

/** Something that grows. */
export interface Progress {
  /** `note`: what else is worth a look, such as the latency. */
  update(done: number, note: string): void;
  stop(): void;
}

/** Plain lines are this far apart. */
const LINE_MS = 5_000;
/** The bar is drawn at most so often. */
const FRAMES_PER_SECOND = 8;

/** A terminal of this process; `also` gets each line too. */
export function processTerminal(also: (text: string) => void): Terminal {
  return {
    line(text) {
      process.stdout.write(`${text}\n`);
      also(text);
    },
    warn: (text) => void process.stderr.write(`${text}\n`),
    progress: (what, total, unit) =>
      process.stdout.isTTY ? new Bar(what, total, unit) : new Lines(what, total, unit),
  };
}

class Bar implements Progress {
  readonly #bar: SingleBar;
  readonly #pace = new Pace();

  constructor(what: string, total: number, unit: string) {
    this.#bar = new SingleBar(
      {
        format: `${what} {bar} {percentage}% | {value}/{total} ${unit} | {rate} ${unit}/s | {eta_formatted} left{note}`,
        fps: FRAMES_PER_SECOND,
        hideCursor: true,
        stream: process.stdout,
      },
      Presets.shades_classic,
    );
    this.#bar.start(total, 0, { rate: '-', note: '' });
  }

  update(done: number, note: string): void {
    this.#bar.update(done, { rate: this.#pace.rate(done), note: note === '' ? '' : ` | ${note}` });
  }

  stop(): void {
    this.#bar.stop();
  }
}

class Lines implements Progress {
  readonly #what: string;
  readonly #total: number;
  readonly #unit: string;
  readonly #pace = new Pace();
  #next = performance.now() + LINE_MS;

  constructor(what: string, total: number, unit: string) {
    this.#what = what;
    this.#total = total;
    this.#unit = unit;
  }

  update(done: number, note: string): void {
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + LINE_MS;
    const percent = this.#total === 0 ? 100 : (100 * done) / this.#total;
    process.stdout.write(
      `${this.#what}: ${done} of ${this.#total} ${this.#unit} (${percent.toFixed(1)}%), ` +
        `${this.#pace.rate(done)} ${this.#unit}/s${note === '' ? '' : `, ${note}`}\n`,
    );
  }

  stop(): void {
    // What was reached is said by the summary.
  }
}

/** How fast something grows since the last look, at most twice a second. */
class Pace {
  #at = performance.now();
  #done = 0;
  #rate = 0;

  rate(done: number): string {
    const now = performance.now();
    if (now - this.#at >= 500) {
      this.#rate = (1000 * (done - this.#done)) / (now - this.#at);
      this.#at = now;
      this.#done = done;
    }
    return this.#rate === 0 ? '-' : String(Math.round(this.#rate));
  }
}
