/**
 * The INSERT statement, from the request's bytes to submit payloads:
 *
 *   insert := ('insert' | 'import') 'into' clause ([','] clause)* [','] [';' …]
 *   clause := table [columns] [using] [columns] ('values' row ([','] row)* | 'file' string)
 *   using  := 'using' table [columns] 'tags' '(' value (',' value)* ')'
 *   table  := [name '.'] name        columns := '(' name (',' name)* ')'        row := '(' value (',' value)* [','] ')'
 *
 * A table that the catalog does not know is a need: the rest of the statement is only looked through for
 * more needs, and the caller parses again when it has fetched or created them. Errors are those of
 * TDengine 2.1: clauses before the bad one may have created their tables by then.
 */
import { ErrorCode, TaosError, invalidOperation, syntaxError, type TimeZone } from '@tdnode/common';
import type { InsertCatalog, InsertNeeds } from './catalog.ts';
import { GroupPool, RepeatedTable } from './group-pool.ts';
import { NeedList, nameOf } from './needs.ts';
import { PayloadWriter, type SubmitPart } from './payload-writer.ts';
import { RowReader, skipBlanks } from './row-reader.ts';
import { operationAt, skipParentheses } from './skip.ts';
import { TagReader } from './tag-reader.ts';
import { endOfName, isDigit, isNameByte, isWord } from './token.ts';

/** What a statement is parsed under. */
export interface InsertContext {
  /** The session's database, or undefined without one. Looked up only when a bare name needs it. */
  readonly databaseName: string | undefined;
  /** Its ordinal in the catalog, or -1 while that is not known. */
  readonly database: number;
  readonly zone: TimeZone;
  /** The statement's time, ms. */
  readonly nowMs: number;
}

/** Payloads by vgroup, or what must be looked up before the statement can be parsed again. */
export type InsertResult =
  | { readonly kind: 'rows'; readonly affectedRows: number; readonly parts: readonly SubmitPart[] }
  | { readonly kind: 'needs'; readonly needs: InsertNeeds };

const LETTER_V = 118;
const OPEN = 40;
const COMMA = 44;
const SEMICOLON = 59;
/** The operating system's ENOENT, as TDengine passes it on. */
const NO_SUCH_FILE = 2;
/** Longest table name; the catalog has none that is longer. */
const MAX_NAME_BYTES = 192;

/** Parses one statement at a time and keeps its memory for the next one. */
export class InsertParser {
  readonly #catalog: InsertCatalog;
  readonly #rows = new RowReader();
  readonly #tags: TagReader;
  readonly #groups: GroupPool;
  readonly #writer = new PayloadWriter();
  readonly #needs = new NeedList();
  #sql: Uint8Array = new Uint8Array(0);
  #end = 0;
  #context: InsertContext = {
    databaseName: undefined,
    database: -1,
    zone: { name: 'UTC', offsetMs: () => 0 },
    nowMs: 0,
  };
  /** The table name read last: database ordinal, name at [from, to). */
  #database = -1;
  #from = 0;
  #to = 0;
  /** The database named last and where: statements name the same one again and again. */
  #lastDatabase = -1;
  #lastFrom = 0;
  #lastTo = 0;

  constructor(catalog: InsertCatalog) {
    this.#catalog = catalog;
    this.#groups = new GroupPool(catalog);
    this.#tags = new TagReader(this.#rows.token);
  }

  /** Parses; throws TaosError. The payloads are valid until the next call. */
  parse(sql: Uint8Array, context: InsertContext): InsertResult {
    this.#sql = withStop(sql);
    this.#end = this.#sql.length;
    this.#context = context;
    try {
      return this.#parseWith(false);
    } catch (error) {
      if (error !== RepeatedTable) throw error;
      return this.#parseWith(true);
    }
  }

  #parseWith(allColumns: boolean): InsertResult {
    this.#groups.begin(allColumns);
    this.#needs.clear();
    this.#lastDatabase = -1;
    let pos = this.#readHead();
    let clauses = 0;
    for (;;) {
      pos = this.#blanks(pos);
      if (clauses > 0 && this.#sql[pos] === COMMA) pos = this.#blanks(pos + 1);
      if (pos >= this.#end || this.#sql[pos] === SEMICOLON) break;
      pos = this.#readClause(pos);
      clauses++;
      if (pos < 0) break;
    }
    if (clauses === 0)
      throw new TaosError(ErrorCode.TSC_INVALID_OPERATION, 'invalid SQL: Invalid operation');
    if (!this.#needs.isEmpty) return { kind: 'needs', needs: this.#needs.take() };
    return this.#finish();
  }

  /** `insert into`, `import into` */
  #readHead(): number {
    const start = skipBlanks(this.#sql, 0, this.#end);
    const verb = endOfName(this.#sql, start, this.#end);
    const isInsert =
      isWord(this.#sql, start, verb, 'insert') || isWord(this.#sql, start, verb, 'import');
    const pos = this.#keyword(skipBlanks(this.#sql, verb, this.#end), 'into');
    if (!isInsert || pos < 0) throw syntaxError('expected INSERT INTO', start);
    return pos;
  }

  /** The position behind the word, or -1 where something else stands. */
  #keyword(pos: number, word: string): number {
    const sql = this.#sql;
    const next = pos + word.length;
    if (next > this.#end || !isWord(sql, pos, next, word)) return -1;
    return next < this.#end && isNameByte(sql[next]!) ? -1 : next;
  }

  #blanks(pos: number): number {
    return skipBlanks(this.#sql, pos, this.#end);
  }

  /** One table and its rows; returns the position behind, or -1 where looking for needs can go no further. */
  #readClause(start: number): number {
    const pos = this.#blanks(this.#readTableName(start));
    const table =
      this.#database < 0
        ? -1
        : this.#catalog.findTable(this.#database, this.#sql, this.#from, this.#to);
    if (pos >= this.#end) throw syntaxError('keyword VALUES or FILE is missing', start);
    const isPlain = table >= 0 && (this.#sql[pos]! | 32) === LETTER_V;
    if (isPlain && !this.#catalog.isStable(table)) return this.#readData(table, 0, pos);
    return this.#readLongClause(table, pos);
  }

  /** The rest of a clause that is not just a known table and its rows. */
  #readLongClause(table: number, start: number): number {
    let pos = start;
    const name = { database: this.#database, from: this.#from, to: this.#to };
    let columns = 0;
    if (this.#sql[pos] === OPEN) {
      columns = pos;
      pos = this.#blanks(this.#skipGroup(pos));
    }
    const using = this.#keyword(pos, 'using');
    if (using >= 0) {
      pos = this.#readUsing(name, table, using);
      if (pos < 0) return pos;
      if (this.#sql[pos] === OPEN) {
        if (columns > 0) throw syntaxError('columns are listed twice', pos);
        columns = pos;
        pos = this.#blanks(this.#skipGroup(pos));
      }
    } else if (table < 0) {
      if (this.#database >= 0)
        this.#needs.addTable(this.#catalog.databaseName(this.#database), this.#sql, name);
    } else if (this.#catalog.isStable(table)) {
      throw invalidOperation('insert data into super table is not supported');
    }
    return this.#readData(table, columns, pos);
  }

  /** `values` and rows. */
  #readData(table: number, columns: number, pos: number): number {
    const values = this.#keyword(pos, 'values');
    if (!this.#needs.isEmpty) return values < 0 ? -1 : this.#skipRows(values);
    if (values < 0) {
      if (this.#keyword(pos, 'file') >= 0) throw noFile(pos);
      throw syntaxError('expected VALUES or FILE', pos);
    }
    const group = this.#groups.open(table, this.#sql, columns, this.#end);
    this.#rows.begin(this.#context, group.layout.schema.precision);
    const next = this.#rows.readRows(group, this.#sql, values, this.#end);
    group.closeSegment();
    return next;
  }

  /** `st [(tags)] tags (values)`: for a table that is not known yet, what it takes to create it. */
  #readUsing(
    name: { database: number; from: number; to: number },
    table: number,
    start: number,
  ): number {
    const stableAt = this.#blanks(start);
    const behind = this.#readTableName(stableAt, name.database);
    let pos = this.#blanks(behind);
    const database = this.#database;
    const stable =
      table >= 0 || database < 0
        ? -1
        : this.#catalog.findTable(database, this.#sql, this.#from, this.#to);
    if (stable >= 0 && !this.#catalog.isStable(stable)) {
      throw operationAt(this.#sql, stableAt, 'create table only from super table is allowed');
    }
    if (database !== name.database)
      throw invalidOperation('table and super table are in different databases');
    const stableName = { database, from: this.#from, to: this.#to };
    const listed = this.#sql[pos] === OPEN ? pos : 0;
    if (listed > 0) pos = this.#blanks(this.#skipGroup(pos));
    const tags = this.#keyword(pos, 'tags');
    if (tags < 0) return this.#stop('expected TAGS', pos);
    pos = this.#blanks(tags);
    if (this.#sql[pos] !== OPEN) return this.#stop('expected the values of the tags', pos);
    if (table >= 0 || database < 0) return this.#blanks(this.#skipGroup(pos));
    const db = this.#catalog.databaseName(database);
    if (stable < 0) {
      this.#needs.addTable(db, this.#sql, stableName);
      return this.#blanks(this.#skipGroup(pos));
    }
    const schema = this.#catalog.schema(stable);
    const context = {
      zone: this.#context.zone,
      precision: schema.precision,
      nowMs: this.#context.nowMs,
    };
    const read = this.#tags.read(
      schema.schema,
      this.#sql,
      { listed, values: pos, end: this.#end },
      context,
    );
    this.#needs.addChild(db, this.#sql, { table: name, stable: stableName }, read);
    return this.#blanks(this.#tags.next);
  }

  /** Something is wrong here: an error now, or, when needs were found before it, once they are met. */
  #stop(what: string, pos: number): number {
    if (this.#needs.isEmpty) throw syntaxError(what, pos);
    return -1;
  }

  #skipGroup(pos: number): number {
    const next = skipParentheses(this.#sql, pos, this.#end);
    if (next < 0) throw syntaxError('a parenthesis or a quotation mark is not closed', pos);
    return next;
  }

  /** Passes over rows while looking for needs; -1 where they are malformed. */
  #skipRows(start: number): number {
    let pos = start;
    for (;;) {
      let at = this.#blanks(pos);
      if (at < this.#end && this.#sql[at] === COMMA) at = this.#blanks(at + 1);
      if (at >= this.#end || this.#sql[at] !== OPEN) return pos;
      pos = skipParentheses(this.#sql, at, this.#end);
      if (pos < 0) return -1;
    }
  }

  /** `[db.]table`, a bare one of `owner` or of the session: leaves where the name lies; returns the position behind it. */
  #readTableName(start: number, owner?: number): number {
    let pos = this.#readName(start, start);
    if (this.#sql[pos] === 46 && pos < this.#end) {
      this.#database = this.#findDatabase();
      pos = this.#readName(pos + 1, start);
    } else {
      this.#database = owner ?? this.#context.database;
      if (this.#database < 0 && owner === undefined) this.#needDatabase();
    }
    return pos;
  }

  /** The database whose name was read last; a need where it is not known. */
  #findDatabase(): number {
    const sql = this.#sql;
    const from = this.#from;
    const to = this.#to;
    if (this.#lastDatabase >= 0 && isSameText(sql, this.#lastFrom, this.#lastTo, from, to))
      return this.#lastDatabase;
    const database = this.#catalog.findDatabase(sql, from, to);
    if (database < 0) this.#needs.addDatabase(nameOf(sql, { from, to }));
    this.#lastDatabase = database;
    this.#lastFrom = from;
    this.#lastTo = to;
    return database;
  }

  /** A bare name, and the session's database is not known. */
  #needDatabase(): void {
    const { databaseName } = this.#context;
    if (databaseName !== undefined) this.#needs.addDatabase(databaseName);
    else if (this.#needs.isEmpty) throw new TaosError(ErrorCode.TSC_DB_NOT_SELECTED);
  }

  /** A name, bare or quoted. */
  #readName(start: number, whole: number): number {
    const quote = start < this.#end ? this.#sql[start]! : 0;
    const isQuoted = quote === 39 || quote === 34;
    const from = isQuoted ? start + 1 : start;
    const to = endOfName(this.#sql, from, this.#end);
    const isClosed = !isQuoted || (to < this.#end && this.#sql[to] === quote);
    if (to === from || to - from > MAX_NAME_BYTES || isDigit(this.#sql[from]!) || !isClosed) {
      throw operationAt(this.#sql, whole, 'table name invalid');
    }
    this.#from = from;
    this.#to = to;
    return isQuoted ? to + 1 : to;
  }

  #finish(): InsertResult {
    const groups = this.#groups.used;
    let affectedRows = 0;
    for (let i = 0; i < groups.length; i++) {
      groups[i]!.settle();
      affectedRows += groups[i]!.rows;
    }
    this.#writer.begin(groups);
    return { kind: 'rows', affectedRows, parts: this.#groups.writeParts(this.#writer) };
  }
}

/** A server opens no file that a client names: to a client there is none. */
function noFile(position: number): TaosError {
  const detail =
    'insert from a file is not supported yet: the server opens no files that a client names';
  return new TaosError(NO_SUCH_FILE, 'No such file or directory', { detail, position });
}

/** Do two places of the statement hold the same bytes? */
function isSameText(
  sql: Uint8Array,
  from: number,
  to: number,
  from2: number,
  to2: number,
): boolean {
  if (to - from !== to2 - from2) return false;
  for (let i = from, j = from2; i < to; i++, j++) if (sql[i] !== sql[j]) return false;
  return true;
}

/** The statement with a last byte that stops every scan (see row-reader.ts); nearly always itself. */
function withStop(sql: Uint8Array): Uint8Array {
  const last = sql.length > 0 ? sql[sql.length - 1]! : 0;
  if (last === 41 || last === SEMICOLON || last === 32 || last === 10 || last === 13 || last === 9)
    return sql;
  const copy = new Uint8Array(sql.length + 1);
  copy.set(sql);
  copy[sql.length] = 32;
  return copy;
}
