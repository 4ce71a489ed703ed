/**
 * Runs the continuous queries of the cluster, on the dnode of the mnode's master. `tick`, called often, begins what is due;
 * nothing else begins anything.
 *
 * Invariants: a query has at most one run at a time; what failed waits for `retryMs`; a query that is dropped or killed, or
 * a mastership that ends, ends its run. Runs hold no state but how far each query is, which its table knows too.
 */
import { TaosError, type Clock, type Logger } from '@tdnode/common';
import type { SelectEnvironment } from '../select.ts';
import { planStreamStep, type DelayRules } from './schedule.ts';
import type { StreamDefinition, StreamProgress } from '@tdnode/rpc';
import { StreamJob } from './stream-job.ts';

/** Queries that run at once: each is a query of its own, and clients have theirs. */
const RUNS_MAX = 4;
/** How often a runner looks, ms; no window is shorter than 10 ms. */
const TICK_MS = 100;

/** What a runner stands on. */
export interface StreamRunnerOptions {
  readonly environment: SelectEnvironment;
  readonly clock: Clock;
  readonly logger: Logger;
  /** All continuous queries; undefined: another dnode runs them. */
  readonly definitions: () => readonly StreamDefinition[] | undefined;
  /** Whether continuous queries run at all (`stream`). */
  readonly isOn: () => boolean;
  /** Forgets a query all of whose windows are computed. */
  readonly finish: (definition: StreamDefinition) => Promise<void>;
  readonly delays: DelayRules & {
    /** How long a query that this dnode has just learnt of waits (`maxFirstStreamCompDelay`). */
    readonly firstMs: number;
    /** How long it waits after a failure (`retryStreamCompDelay`). */
    readonly retryMs: number;
  };
  /** Where it is noted how far each is, by uid. */
  readonly progress: Map<number, StreamProgress>;
}

/** A query that this dnode runs. */
interface Entry {
  readonly definition: StreamDefinition;
  readonly abort: AbortController;
  job: StreamJob | undefined;
  isRunning: boolean;
  /** Monotonic ms. */
  notBefore: number;
  /** Of the last failure, which is not logged again and again. */
  failure: string | undefined;
}

/** See the head of this file. */
export class StreamRunner {
  readonly #options: StreamRunnerOptions;
  readonly #entries = new Map<number, Entry>();
  readonly #runs = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StreamRunnerOptions) {
    this.#options = options;
  }

  /** Ticks until `close`. */
  start(): void {
    this.#timer ??= setInterval(() => this.tick(), TICK_MS).unref();
  }

  /** Begins what is due; never throws. */
  tick(): void {
    const { definitions, isOn, clock } = this.#options;
    this.#follow((isOn() ? definitions() : undefined) ?? []);
    const now = clock.monotonic();
    for (const entry of this.#entries.values()) {
      if (this.#runs.size >= RUNS_MAX) return;
      if (entry.isRunning || entry.notBefore > now) continue;
      const run = this.#run(entry).finally(() => this.#runs.delete(run));
      this.#runs.add(run);
    }
  }

  /** Resolves when nothing runs any more; begins nothing. */
  async idle(): Promise<void> {
    while (this.#runs.size > 0) await Promise.all(this.#runs);
  }

  /** Ends what runs, and begins nothing more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#follow([]);
    await this.idle();
  }

  /** Takes up new queries, ends those that are gone. */
  #follow(definitions: readonly StreamDefinition[]): void {
    const { clock, delays, progress } = this.#options;
    const wanted = new Set(definitions.map(({ uid }) => uid));
    for (const [uid, entry] of this.#entries) {
      if (wanted.has(uid)) continue;
      entry.abort.abort();
      this.#entries.delete(uid);
      progress.delete(uid);
    }
    for (const definition of definitions) {
      if (this.#entries.has(definition.uid)) continue;
      this.#entries.set(definition.uid, {
        definition,
        abort: new AbortController(),
        job: undefined,
        isRunning: false,
        notBefore: clock.monotonic() + delays.firstMs,
        failure: undefined,
      });
    }
  }

  async #run(entry: Entry): Promise<void> {
    entry.isRunning = true;
    try {
      await this.#step(entry);
      entry.failure = undefined;
    } catch (error) {
      this.#failed(entry, error);
    } finally {
      entry.isRunning = false;
    }
  }

  /** One run, or the time of the next. */
  async #step(entry: Entry): Promise<void> {
    const { environment, clock, delays, finish } = this.#options;
    const { definition, abort } = entry;
    entry.job ??= await StreamJob.open(definition, environment, abort.signal);
    const now = clock.now();
    const step = planStreamStep(entry.job.course, now, delays);
    if (step.kind === 'finished') return finish(definition);
    if (step.kind === 'wait') {
      entry.notBefore = clock.monotonic() + (step.untilMs - now);
      return;
    }
    const began = clock.monotonic();
    await entry.job.run(step, abort.signal);
    this.#note(definition.uid, { ranAt: now, elapsedUs: (clock.monotonic() - began) * 1000 });
  }

  #note(uid: number, run: Omit<StreamProgress, 'cycles'>): void {
    const { progress } = this.#options;
    if (!this.#entries.has(uid)) return;
    const cycles = (progress.get(uid)?.cycles ?? 0) + 1;
    progress.set(uid, { ranAt: run.ranAt, elapsedUs: Math.round(run.elapsedUs), cycles });
  }

  /** What failed is looked at anew: tables may have changed. */
  #failed(entry: Entry, error: unknown): void {
    const { clock, logger, delays } = this.#options;
    const { definition, abort } = entry;
    entry.job = undefined;
    entry.notBefore = clock.monotonic() + delays.retryMs;
    if (abort.signal.aborted) return;
    const text = reasonOf(error);
    if (text === entry.failure) return;
    entry.failure = text;
    logger.warn(
      'QRY',
      `stream ${definition.id} into ${definition.db}.${definition.table} failed and is tried again every ${delays.retryMs} ms: ${text}`,
    );
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof TaosError) return `${error.message} (${error.code}) ${error.detail ?? ''}`;
  return String(error);
}
