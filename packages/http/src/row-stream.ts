/**
 * The answer of a query, from the first batch to the last row. A short one leaves in one piece with its
 * length; a long one is chunked, and waits whenever the client reads slower than rows come.
 *
 * Invariant: an answer that looks whole is whole. Rows beyond the limit are marked, and what fails behind the
 * first piece breaks the connection.
 */
import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import type { Batch, TimeZone } from '@tdnode/common';
import type { SqlResult } from '@tdnode/taosc';
import { commonHeaders } from './answer.ts';
import type { BufferPool } from './buffer-pool.ts';
import { answerPrefix, answerSuffix } from './json/envelope.ts';
import type { TimeForm } from './json/row-encoder.ts';
import { RowEncoder } from './json/row-encoder.ts';

/** Room for `],"rows":…}`. */
const SUFFIX_BYTES = 64;
/** Fast rather than small: rows compress well at any level. */
const gzipOptions = { level: 2 };
const gzipWhole = promisify(gzip);

/** How rows are printed and how many. */
export interface RowStreamOptions {
  readonly form: TimeForm;
  readonly zone: TimeZone;
  readonly rowLimit: number;
  readonly gzip: boolean;
  /** A client that takes nothing for so long is dropped, ms. */
  readonly stallTimeoutMs: number;
}

/** A query's result. */
export type RowsResult = Extract<SqlResult, { kind: 'rows' }>;

/** Sends one result. Errors before the first piece are thrown; later ones destroy the response. */
export class RowStream {
  readonly #response: ServerResponse;
  readonly #pool: BufferPool;
  readonly #options: RowStreamOptions;
  #sink: Writable | undefined;
  #buffer: Buffer;
  #used = 0;

  constructor(response: ServerResponse, pool: BufferPool, options: RowStreamOptions) {
    this.#response = response;
    this.#pool = pool;
    this.#options = options;
    this.#buffer = pool.take();
  }

  /** Whether bytes have left, so that no other answer can be given. */
  get hasBegun(): boolean {
    return this.#sink !== undefined;
  }

  /** Draws all batches and ends the response. */
  async send(result: RowsResult): Promise<void> {
    const { rowLimit, form, zone } = this.#options;
    const encoder = new RowEncoder(result.columns, result.precision, form, zone);
    let sent = 0;
    let truncated = false;
    this.#putText(answerPrefix(result.columns));
    for await (const batch of result.batches) {
      const rows = Math.min(batch.rows, rowLimit - sent);
      await this.#putRows(encoder, batch, rows);
      sent += rows;
      truncated = rows < batch.rows;
      if (truncated || this.#response.destroyed) break;
    }
    if (this.#room() < SUFFIX_BYTES) await this.#flush();
    this.#putText(answerSuffix(sent, truncated));
    await this.#end();
  }

  async #putRows(encoder: RowEncoder, batch: Batch, rows: number): Promise<void> {
    encoder.begin(batch);
    while (encoder.hasMore(rows) && !this.#response.destroyed) {
      this.#used = encoder.encode(this.#buffer, this.#used, rows);
      if (!encoder.hasMore(rows)) return;
      await this.#flush();
      const need = encoder.nextRowBytes();
      if (need > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(need);
    }
  }

  #room(): number {
    return this.#buffer.length - this.#used;
  }

  #putText(text: string): void {
    const need = Buffer.byteLength(text);
    if (need > this.#room()) {
      const larger = Buffer.allocUnsafeSlow(this.#used + need + SUFFIX_BYTES);
      this.#buffer.copy(larger, 0, 0, this.#used);
      this.#buffer = larger;
    }
    this.#used += this.#buffer.write(text, this.#used);
  }

  /** Hands the buffer to the client and takes an empty one; waits while the client is behind. */
  async #flush(): Promise<void> {
    if (this.#used === 0) return;
    this.#sink ??= this.#open();
    const full = this.#buffer;
    const isTaken = this.#sink.write(full.subarray(0, this.#used), () => this.#pool.give(full));
    this.#buffer = this.#pool.take();
    this.#used = 0;
    if (!isTaken) await this.#drained(this.#sink);
  }

  /** Sends the head of a long answer. */
  #open(): Writable {
    const response = this.#response;
    if (!this.#options.gzip) {
      response.writeHead(200, commonHeaders as string[]);
      return response;
    }
    response.writeHead(200, [...commonHeaders, 'Content-Encoding', 'gzip']);
    const packer = createGzip(gzipOptions);
    packer.on('error', () => response.destroy());
    response.on('close', () => packer.destroy());
    packer.pipe(response);
    return packer;
  }

  /** Until the sink takes more, or the client is gone (then `destroyed` says so). */
  #drained(sink: Writable): Promise<void> {
    const response = this.#response;
    return new Promise((resolve) => {
      const timer = setTimeout(() => response.destroy(), this.#options.stallTimeoutMs).unref();
      const settle = (): void => {
        clearTimeout(timer);
        sink.off('drain', settle);
        response.off('close', settle);
        resolve();
      };
      sink.on('drain', settle);
      response.on('close', settle);
    });
  }

  async #end(): Promise<void> {
    const bytes = this.#buffer.subarray(0, this.#used);
    const buffer = this.#buffer;
    const release = (): void => this.#pool.give(buffer);
    if (this.#sink !== undefined) {
      this.#sink.end(bytes, release);
      return;
    }
    const packed = this.#options.gzip ? await gzipWhole(bytes, gzipOptions) : bytes;
    const headers = [...commonHeaders, 'Content-Length', String(packed.length)];
    if (this.#options.gzip) headers.push('Content-Encoding', 'gzip');
    this.#response.writeHead(200, headers);
    this.#response.end(packed, release);
  }
}
