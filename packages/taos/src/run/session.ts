/**
 * Runs statements one after the other and shows their answers, as 2.1.2 words them. What differs between a terminal, a
 * pipe and `-s` is in the options; where lines come from is not its business.
 *
 * Invariant: at most one statement runs at a time.
 */
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { ErrorCode, TaosError, type Clock, type TimeZone } from '@tdnode/common';
import type { SqlAnswer } from '@tdnode/rpc';
import { elapsed } from '../connection/connect.ts';
import type { Server } from '../connection/server.ts';
import { FileImportError, insertFile } from '../csv/insert-file.ts';
import { DEFAULT_STRING_WIDTH, type Style } from '../print/cell.ts';
import { csvPrinter } from '../print/csv.ts';
import { failureHint, failureText } from '../print/failure.ts';
import { tablePrinter, verticalPrinter, type RowPrinter } from '../print/table.ts';
import { readStatement, type FileSource, type Statement } from '../statement/statement.ts';
import { helpText } from './help.ts';
import { runScript } from './script.ts';
import type { Screen } from './screen.ts';

/** Rows that a terminal shows of a select without LIMIT. */
export const SHOWN_ROWS = 100;
/** How deep `source` may stand in sourced files. */
const MAX_SOURCE_DEPTH = 16;

/** What a session stands on. */
export interface SessionOptions {
  readonly server: Server;
  readonly screen: Screen;
  readonly clock: Clock;
  readonly zone: TimeZone;
  readonly isRawTime: boolean;
  /** A person types: long answers are cut at SHOWN_ROWS. */
  readonly isInteractive: boolean;
  /** `--strict`: scripts end with their first failure. */
  readonly isStrict: boolean;
  /** Longest statement that an import builds, bytes. */
  readonly maxSqlBytes: number;
}

/** How a statement, or a script, ended. `interrupted`: the user cancelled it, so what would follow is not run either. */
export type Outcome = 'ok' | 'failed' | 'interrupted' | 'quit';

type Rows = Extract<SqlAnswer, { readonly kind: 'rows' }>;
type SqlStatement = Extract<Statement, { readonly kind: 'sql' }>;

const NOTICE = `
 Notice: The result shows only the first ${SHOWN_ROWS} rows.
         You can use the \`LIMIT\` clause to get fewer result to show.
           Or use '>>' to redirect the whole set of the result to a specified file.

         You can use Ctrl+C to stop the underway fetching.

`;

/** See the head of this file. */
export class Session {
  readonly #options: SessionOptions;
  #stringWidth = DEFAULT_STRING_WIDTH;
  #running: AbortController | undefined;
  #depth = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** The connection, for who asks beside the user's statements. */
  get server(): Server {
    return this.#options.server;
  }

  /** Ends the statement that runs; false: none does. */
  cancel(): boolean {
    this.#running?.abort();
    return this.#running !== undefined;
  }

  /** Runs one statement without its semicolon and shows its answer or its error. */
  async run(text: string): Promise<Outcome> {
    const statement = readStatement(text);
    const { screen } = this.#options;
    switch (statement.kind) {
      case 'empty':
        return 'ok';
      case 'quit':
        return 'quit';
      case 'clear':
        if (this.#options.isInteractive) await screen.write('\x1b[H\x1b[2J');
        return 'ok';
      case 'help':
        await screen.write(helpText);
        return 'ok';
      case 'setWidth':
        this.#stringWidth = statement.width ?? DEFAULT_STRING_WIDTH;
        return 'ok';
      case 'source':
        return this.source(statement.path);
      case 'insertFiles':
        return this.#guarded(text, (signal) => this.#insertFiles(statement.sources, signal));
      case 'sql':
        return this.#guarded(statement.sql, (signal, startedMs) =>
          this.#runSql(statement, signal, startedMs),
        );
    }
  }

  /** Runs a file of statements, each shown behind a prompt. */
  async source(file: string): Promise<Outcome> {
    const { screen, isStrict } = this.#options;
    if (this.#depth === MAX_SOURCE_DEPTH) {
      screen.warn(`ERROR: ${file}: files source each other more than ${MAX_SOURCE_DEPTH} deep\n`);
      return 'failed';
    }
    this.#depth++;
    try {
      const lines = createReadStream(fullPath(file), 'utf8');
      return await runScript(lines, this, { screen, isStrict, isEchoed: true });
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      screen.warn(`ERROR: failed to open file ${file}: ${(error as Error).message}\n`);
      return 'failed';
    } finally {
      this.#depth--;
    }
  }

  /** Gives `work` a signal and shows what it throws. */
  async #guarded(
    sql: string,
    work: (signal: AbortSignal, startedMs: number) => Promise<Outcome>,
  ): Promise<Outcome> {
    const { clock, screen } = this.#options;
    const running = new AbortController();
    this.#running = running;
    const startedMs = clock.monotonic();
    try {
      return await work(running.signal, startedMs);
    } catch (error) {
      const { cause } = error instanceof FileImportError ? error : { cause: error };
      if (!(cause instanceof TaosError)) throw error;
      const text = error instanceof FileImportError ? error.sql : sql;
      screen.warn(`\nDB error: ${failureText(cause, text)} (${elapsed(clock, startedMs)}s)\n`);
      if (error instanceof FileImportError) screen.warn(`          ${error.message}\n`);
      if (screen.hasReader) screen.warn(failureHint(cause, text));
      return running.signal.aborted ? 'interrupted' : 'failed';
    } finally {
      this.#running = undefined;
    }
  }

  async #runSql(
    { sql, output, isLong, isUse }: SqlStatement,
    signal: AbortSignal,
    startedMs: number,
  ): Promise<Outcome> {
    const { server, screen, clock, isInteractive } = this.#options;
    const answer = await server.execute(sql, { signal });
    if (answer.kind === 'affected') {
      const { rows } = answer;
      const sentence = `Query OK, ${rows} of ${rows} row(s) in database (${elapsed(clock, startedMs)}s)`;
      await screen.write(`${isUse ? 'Database changed.' : sentence}\n\n`);
      return 'ok';
    }
    const style = this.#style();
    if (output.kind === 'file')
      return this.#intoFile(answer, csvPrinter(answer.columns, answer.precision, style), {
        file: output.path,
        startedMs,
      });
    const printer = (output.kind === 'vertical' ? verticalPrinter : tablePrinter)(
      answer.columns,
      answer.precision,
      style,
    );
    const most = isInteractive && isLong ? SHOWN_ROWS : Infinity;
    return this.#show(answer, { printer, most, startedMs, write: (text) => screen.write(text) });
  }

  /** Draws all rows, shows `most` of them, and says how many there were. */
  async #show(
    { batches }: Rows,
    to: {
      readonly printer: RowPrinter;
      readonly most: number;
      readonly startedMs: number;
      readonly write: (text: string) => Promise<void>;
    },
  ): Promise<Outcome> {
    const { clock, screen } = this.#options;
    const { printer, most, startedMs } = to;
    let rows = 0;
    let interruption: TaosError | undefined;
    try {
      for await (const batch of batches) {
        if (batch.rows === 0) continue;
        if (rows === 0) await to.write(printer.head);
        const shown = Math.max(0, Math.min(batch.rows, most - rows));
        if (shown > 0) await to.write(printer.rows(batch, 0, shown, rows + 1));
        if (rows <= most && rows + batch.rows > most) await screen.write(NOTICE);
        rows += batch.rows;
      }
    } catch (error) {
      if (!(error instanceof TaosError)) throw error;
      interruption = error;
    }
    const end = `${rows} row(s) in set (${elapsed(clock, startedMs)}s)`;
    if (interruption === undefined) {
      await screen.write(`Query OK, ${end}\n\n`);
      return 'ok';
    }
    await screen.write(`Query interrupted (${interruption.message}), ${end}\n\n`);
    if (screen.hasReader) screen.warn(failureHint(interruption, ''));
    return this.#running?.signal.aborted === true ? 'interrupted' : 'failed';
  }

  async #intoFile(
    answer: Rows,
    printer: RowPrinter,
    { file, startedMs }: { readonly file: string; readonly startedMs: number },
  ): Promise<Outcome> {
    let handle: FileHandle | undefined;
    try {
      const opened = await open(fullPath(file), 'w');
      handle = opened;
      const write = async (text: string): Promise<void> => void (await opened.write(text));
      return await this.#show(answer, { printer, most: Infinity, startedMs, write });
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      const what = handle === undefined ? 'open' : 'write';
      const why = (error as Error).message;
      this.#options.screen.warn(`ERROR: failed to ${what} file: ${file}: ${why}\n`);
      if (handle === undefined) await discard(answer);
      return 'failed';
    } finally {
      await handle?.close();
    }
  }

  async #insertFiles(sources: readonly FileSource[], signal: AbortSignal): Promise<Outcome> {
    const { server, screen, clock, maxSqlBytes } = this.#options;
    const startedMs = clock.monotonic();
    let rows = 0;
    for (const { target, path: file } of sources) {
      const text = createReadStream(fullPath(file), 'utf8');
      try {
        rows += await insertFile({ target, file, text }, { server, signal, maxSqlBytes });
      } catch (error) {
        if (codeOf(error) === undefined) throw error;
        const detail = `${file} cannot be read: ${(error as Error).message}`;
        throw new TaosError(ErrorCode.TSC_INVALID_OPERATION, `invalid operation: ${detail}`);
      }
    }
    const seconds = elapsed(clock, startedMs);
    await screen.write(`Query OK, ${rows} of ${rows} row(s) in database (${seconds}s)\n\n`);
    return 'ok';
  }

  #style(): Style {
    const { zone, isRawTime } = this.#options;
    return { zone, isRawTime, stringWidth: this.#stringWidth };
  }
}

/** Ends an answer that nobody reads. */
async function discard({ batches }: Rows): Promise<void> {
  for await (const batch of batches) if (batch.rows >= 0) return;
}

/** `~` is the home folder. */
function fullPath(file: string): string {
  return /^~(?=$|[\\/])/.test(file) ? path.join(homedir(), file.slice(1)) : file;
}

/** The operating system's code of an error; undefined where it has none, or is the server's. */
function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
