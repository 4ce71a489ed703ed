/**
 * The store's background work, a step at a time: commit before compaction before retention.
 *
 * A job is a generator that writes segment files; at its end the manifest is replaced. A job that fails is
 * abandoned: its files are removed, nothing of the store has changed, and it is tried again later. While a
 * replaced manifest waits for its folder to be synced nothing else is done.
 */
import { type Clock, CorruptionError, type Logger } from '@tdnode/common';
import { SegmentOutput, type OutputOptions } from '../commit/output.ts';
import { isIoError } from '../manifest/file-set.ts';
import type { ManifestInstaller } from '../manifest/installer.ts';
import {
  applyEdit,
  type Manifest,
  type ManifestEdit,
  type SegmentEntry,
} from '../manifest/manifest.ts';

/** A failed job is tried again after this long: space returns, the disk is repaired. */
const RETRY_MS = 1000;

/** What background work does. */
export type JobKind = 'commit' | 'compaction' | 'retention';

/** One piece of background work. */
export interface Job {
  readonly kind: JobKind;
  /** Writes into `output` and stops often. */
  run(output: SegmentOutput): Generator<void, void>;
  /** What the manifest becomes, from the entries that were written; asked when `run` is through. */
  edit(added: readonly SegmentEntry[]): ManifestEdit;
  /** A file that the job read is not what was written; the job was abandoned. */
  onCorruption(error: CorruptionError): void;
}

/** What the background needs from the store. */
export interface BackgroundHost {
  readonly clock: Clock;
  readonly logger: Logger;
  output(): OutputOptions;
  manifest(): Manifest;
  /** The next job, or undefined; with `onlyCommit` no other. */
  nextJob(onlyCommit: boolean): Job | undefined;
  /** Whether a commit that is written may be installed; false: everything waits until it may. */
  mayCommit(): boolean;
  /** A manifest is in place for good, by a job of this kind. */
  install(manifest: Manifest, kind: JobKind): void;
}

interface RunningJob {
  readonly job: Job;
  readonly output: SegmentOutput;
  readonly steps: Generator<void, void>;
  /** All its steps are done. */
  isWritten: boolean;
}

/** See the head of this file. */
export class Background {
  readonly #host: BackgroundHost;
  readonly #installer: ManifestInstaller;
  #commit: RunningJob | undefined;
  /** Compaction or retention; rests while a commit runs. */
  #other: RunningJob | undefined;
  #installing: JobKind | undefined;
  #retryAt = -Infinity;
  lastError: string | undefined;
  /** Commits since the store was opened, and how long the last one took from its first step to its manifest. */
  commits = 0;
  lastCommitMs: number | undefined;
  #commitStartedAt = 0;

  constructor(host: BackgroundHost, installer: ManifestInstaller) {
    this.#host = host;
    this.#installer = installer;
  }

  /** Whether a compaction or retention is under way. */
  get isRewriting(): boolean {
    return this.#other !== undefined;
  }

  /** Works until the deadline, at least one step. */
  run(deadline: number): 'idle' | 'more' {
    const { clock } = this.#host;
    if (clock.now() < this.#retryAt) return 'idle';
    do {
      try {
        if (!this.step(false)) return 'idle';
      } catch (error) {
        this.#note(error);
        return 'idle';
      }
    } while (clock.monotonic() < deadline);
    return 'more';
  }

  /** One step; false when there is nothing to do. Throws what the disk throws, the job is abandoned then. */
  step(onlyCommit: boolean): boolean {
    if (this.#installer.isPending) {
      this.#finishInstall();
      return true;
    }
    this.#commit ??= this.#startCommit();
    if (this.#commit !== undefined) {
      if (this.#commit.isWritten && !this.#host.mayCommit()) return false;
      if (this.#advance(this.#commit)) this.#commit = undefined;
      return true;
    }
    if (onlyCommit) return false;
    this.#other ??= this.#start(this.#host.nextJob(false));
    if (this.#other === undefined) return false;
    if (this.#advance(this.#other)) this.#other = undefined;
    return true;
  }

  /** Gives up what is under way. */
  stop(): void {
    for (const running of [this.#commit, this.#other])
      if (running !== undefined) this.#abandon(running);
  }

  /** Gives up a compaction that is under way: what it was to leave out may come back. */
  abandonRewriting(): void {
    if (this.#other !== undefined) this.#abandon(this.#other);
  }

  #startCommit(): RunningJob | undefined {
    const running = this.#start(this.#host.nextJob(true));
    if (running !== undefined) this.#commitStartedAt = this.#host.clock.monotonic();
    return running;
  }

  #start(job: Job | undefined): RunningJob | undefined {
    if (job === undefined) return undefined;
    const output = new SegmentOutput(this.#host.output());
    return { job, output, steps: job.run(output), isWritten: false };
  }

  /** True when the job is through. */
  #advance(running: RunningJob): boolean {
    try {
      if (!running.isWritten && running.steps.next().done !== true) return false;
      running.isWritten = true;
    } catch (error) {
      this.#abandon(running);
      // The disk may be full: what the other job has written makes room.
      if (this.#other !== undefined) this.#abandon(this.#other);
      if (!(error instanceof CorruptionError)) throw error;
      running.job.onCorruption(error);
      this.#note(error);
      return true;
    }
    if (running.job.kind === 'commit' && !this.#host.mayCommit()) return false;
    try {
      this.#installer.begin(
        applyEdit(this.#host.manifest(), running.job.edit(running.output.entries)),
      );
    } catch (error) {
      this.#forget(running);
      if (!this.#installer.mayBeNamed) running.output.abandon();
      throw error;
    }
    this.#installing = running.job.kind;
    this.#forget(running);
    this.#finishInstall();
    return true;
  }

  #abandon(running: RunningJob): void {
    this.#forget(running);
    running.steps.return();
    running.output.abandon();
  }

  #forget(running: RunningJob): void {
    if (this.#commit === running) this.#commit = undefined;
    if (this.#other === running) this.#other = undefined;
  }

  #finishInstall(): void {
    const kind = this.#installing!;
    const manifest = this.#installer.finish()!;
    this.lastError = undefined;
    if (kind === 'commit') {
      this.commits++;
      this.lastCommitMs = this.#host.clock.monotonic() - this.#commitStartedAt;
    }
    this.#host.install(manifest, kind);
  }

  /** Keeps a disk's error for later; anything else is a bug, or corruption, and goes up. */
  #note(error: unknown): void {
    if (!isIoError(error) && !(error instanceof CorruptionError)) throw error;
    this.lastError = error.message;
    this.#retryAt = this.#host.clock.now() + RETRY_MS;
    this.#host.logger.error('TDB', `background work failed, will be tried again: ${error.message}`);
  }
}
