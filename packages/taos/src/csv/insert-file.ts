/**
 * `insert into t file 'x'`: the rows of a file, many a statement. A first line that begins with a bare word holds names
 * and is left out. Bare numbers, NULL, booleans and `now` go as they are, other bare values as strings.
 */
import { ErrorCode, TaosError } from '@tdnode/common';
import type { Server } from '../connection/server.ts';
import { CsvReader, type CsvRow, type Field } from './csv-reader.ts';

/** What goes where. */
export interface ImportJob {
  /** What stands behind `insert into`. */
  readonly target: string;
  /** Its name, for errors. */
  readonly file: string;
  readonly text: AsyncIterable<string>;
}

/** How. */
export interface ImportOptions {
  readonly server: Server;
  readonly signal: AbortSignal;
  readonly maxSqlBytes: number;
}

/** A statement of an import failed; the cause says why, the message what is stored and what is not. */
export class FileImportError extends Error {
  override readonly name = 'FileImportError';
  readonly sql: string;

  constructor(message: string, sql: string, cause: unknown) {
    super(message, { cause });
    this.sql = sql;
  }
}

const BARE =
  /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|0x[\da-f]+|null|true|false|now(?:\s*[+-]\s*\d+[a-z])?)$/i;
const NAME = /^[a-z_][\w ()*.]*$/i;

/** Resolves with the number of rows stored. */
export async function insertFile(job: ImportJob, options: ImportOptions): Promise<number> {
  const batch = new ImportBatch(job, options);
  const reader = new CsvReader();
  let isFirst = true;
  const take = async (rows: readonly CsvRow[]): Promise<void> => {
    for (const row of rows) {
      if (!(isFirst && isHead(row))) await batch.add(row);
      isFirst = false;
    }
  };
  for await (const piece of job.text) await take(read(job.file, () => reader.feed(piece)));
  await take(read(job.file, () => reader.end()));
  await batch.send();
  return batch.stored;
}

function isHead({ fields }: CsvRow): boolean {
  const first = fields[0]!;
  return !first.isQuoted && NAME.test(first.text) && !BARE.test(first.text);
}

/** A file that is no CSV is the user's error. */
function read(file: string, rows: () => CsvRow[]): CsvRow[] {
  try {
    return rows();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const text = `invalid operation: ${file}: ${error.message}`;
    throw new TaosError(ErrorCode.TSC_INVALID_OPERATION, text);
  }
}

/** The statement that grows. */
class ImportBatch {
  readonly #job: ImportJob;
  readonly #options: ImportOptions;
  readonly #head: string;
  #sql = '';
  #bytes = 0;
  #firstLine = 0;
  #lastLine = 0;
  /** Rows that the server took. */
  stored = 0;

  constructor(job: ImportJob, options: ImportOptions) {
    this.#job = job;
    this.#options = options;
    this.#head = `insert into ${job.target} values`;
  }

  async add({ fields, line }: CsvRow): Promise<void> {
    const values = ` (${fields.map(literal).join(',')})`;
    const bytes = Buffer.byteLength(values);
    if (this.#bytes + bytes > this.#options.maxSqlBytes) await this.send();
    if (this.#sql === '') {
      this.#sql = this.#head;
      this.#bytes = Buffer.byteLength(this.#head);
      this.#firstLine = line;
    }
    this.#sql += values;
    this.#bytes += bytes;
    this.#lastLine = line;
  }

  async send(): Promise<void> {
    const sql = this.#sql;
    if (sql === '') return;
    this.#sql = '';
    this.#bytes = 0;
    const { server, signal } = this.#options;
    try {
      const answer = await server.execute(sql, { signal });
      if (answer.kind === 'affected') this.stored += answer.rows;
    } catch (error) {
      const { file } = this.#job;
      const lines = `lines ${this.#firstLine} to ${this.#lastLine}`;
      throw new FileImportError(
        `${file}: ${lines} were refused together; ${this.stored} row(s) before them are stored`,
        sql,
        error,
      );
    }
  }
}

function literal({ text, isQuoted }: Field): string {
  if (!isQuoted) {
    if (text === '') return 'NULL';
    if (BARE.test(text)) return text;
  }
  return `'${text.replaceAll(/['\\]/g, (character) => `\\${character}`)}'`;
}
