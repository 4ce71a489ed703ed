/**
 * The monitor of one dnode (`monitor 1`): a row of the host's figures every `monitorInterval`, events and slow queries as they
 * come, written by ordinary statements into the database `log`. What cannot be written waits, bounded, for the next interval;
 * a cluster that does not answer is said once, not every time.
 */
import type { Clock, Logger } from '@tdnode/common';
import type { SqlService, StatementEvent } from '@tdnode/taosc';
import { BoundedQueue } from './bounded-queue.ts';
import { eventLogger } from './event-logger.ts';
import type { HostCounters } from './host-counters.ts';
import {
  eventStatement,
  sampleStatement,
  schemaStatements,
  slowQueryStatement,
  type LogEvent,
  type SlowQuery,
  type Writer,
} from './log-tables.ts';
import { sampleOf } from './sample.ts';
import { noteSlow } from './slow-queries.ts';
import { StatementMeter } from './statement-meter.ts';

/** Events and slow queries that wait at most, each. */
const QUEUE_LIMIT = 200;

const MS_PER_SECOND = 1000;

/** What a monitor stands on. */
export interface MonitorOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Reads the host's counters. */
  readonly counters: () => Promise<HostCounters>;
}

/** Where a monitor writes. */
export interface MonitorTarget {
  readonly service: SqlService;
  /** Number and end point of this dnode; undefined before it has joined a cluster. */
  readonly writer: () => Writer | undefined;
  /** Seconds; asked before each interval, so that `alter dnode` rules at once. */
  readonly intervalSeconds: () => number;
}

/** See the head of this file. */
export class Monitor {
  readonly meter = new StatementMeter();
  /** For everybody whose messages are events. */
  readonly logger: Logger;
  readonly #options: MonitorOptions;
  readonly #events = new BoundedQueue<LogEvent>(QUEUE_LIMIT);
  readonly #slow = new BoundedQueue<SlowQuery>(QUEUE_LIMIT);
  #target: MonitorTarget | undefined;
  #timer: NodeJS.Timeout | undefined;
  #before: { readonly counters: HostCounters; readonly at: number } | undefined;
  #counted = { http: 0, select: 0, insert: 0 };
  #hasSchema = false;
  #complained = '';
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.logger = eventLogger(options.logger, this.#events, options.clock);
  }

  /** Hears of one statement that is over. */
  note(event: StatementEvent): void {
    const { logger, clock } = this.#options;
    this.meter.note(event);
    noteSlow(event, { queue: this.#slow, logger, clock });
  }

  /** Begins to write into the log database. */
  start(target: MonitorTarget): void {
    this.#target = target;
    this.#schedule();
  }

  /** Stops; a statement under way ends first. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** One interval's work, now; never rejects. */
  async write(): Promise<void> {
    const writer = this.#target?.writer();
    if (writer === undefined) return;
    try {
      await this.#writeAll(writer);
      this.#complained = '';
    } catch (error) {
      this.#hasSchema = false;
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== this.#complained) {
        this.#options.logger.warn('MON', `the log database cannot be written: ${reason}`);
      }
      this.#complained = reason;
    }
  }

  #schedule(): void {
    if (this.#isClosed) return;
    const ms = this.#target!.intervalSeconds() * MS_PER_SECOND;
    this.#timer = setTimeout(() => {
      this.#running = this.write().then(() => this.#schedule());
    }, ms).unref();
  }

  async #writeAll(writer: Writer): Promise<void> {
    const { clock, counters } = this.#options;
    if (!this.#hasSchema) {
      for (const statement of schemaStatements(writer)) await this.#execute(statement);
      this.#hasSchema = true;
    }
    const now = { counters: await counters(), at: clock.monotonic() };
    const { before, requests } = { before: this.#before, requests: this.#requests() };
    this.#before = now;
    if (before !== undefined) {
      const seconds = (now.at - before.at) / MS_PER_SECOND;
      const sample = sampleOf(before.counters, now.counters, { seconds, requests });
      await this.#execute(sampleStatement(writer, clock.now(), sample));
    }
    await this.#writeQueues(writer);
  }

  async #writeQueues(writer: Writer): Promise<void> {
    const events = this.#events.take();
    if (events.lost > 0) {
      const text = `MON ${events.lost} events were too many and are in the log file only`;
      events.items.push({ atMs: this.#options.clock.now(), level: 2, text });
    }
    if (events.items.length > 0) await this.#execute(eventStatement(writer, events.items));
    const slow = this.#slow.take();
    if (slow.items.length > 0) await this.#execute(slowQueryStatement(slow.items));
  }

  /** Statements since the last call. */
  #requests(): { http: number; select: number; insert: number } {
    const { meter } = this;
    const now = {
      http: meter.totalOfAll(),
      select: meter.total('select'),
      insert: meter.total('insert'),
    };
    const before = this.#counted;
    this.#counted = now;
    return {
      http: now.http - before.http,
      select: now.select - before.select,
      insert: now.insert - before.insert,
    };
  }

  async #execute(sql: string): Promise<void> {
    const service = this.#target!.service;
    await service.execute(Buffer.from(sql), {
      user: 'root',
      password: '',
      pathDb: undefined,
      signal: undefined,
      clientAddress: 'monitor',
    });
  }
}
