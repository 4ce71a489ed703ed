/** The start of the grammar: one statement, which ends at the end of the text or at the first `;`. */
import type { Delete, Explain } from '../ast/admin.ts';
import type { Statement } from '../ast/statement.ts';
import { Keyword } from '../lexer/keyword.ts';
import { TokenKind } from '../lexer/token-kind.ts';
import { parseAlterTable } from './alter-table.ts';
import * as cluster from './cluster.ts';
import { Cursor } from './cursor.ts';
import type { ParseOptions } from './cursor.ts';
import * as database from './database.ts';
import { parseExpression } from './expression.ts';
import { parseTableName } from './name.ts';
import { parseSelectStatement } from './select.ts';
import { parseShow } from './show.ts';
import * as table from './table.ts';
import * as user from './user.ts';

/**
 * Parses one statement. What follows its first `;` is ignored, as in TDengine.
 *
 * `insert` and `import` come back as a marker that spans the rest of the text: their rows are parsed from
 * bytes elsewhere. Throws TaosError: 534 for what is not in the grammar, 537 for a text that is too long, and
 * in three places (see docs/sql-grammar.md) the 512 or 866 that 2.1.2 answers for a form that its grammar takes.
 */
export function parseStatement(sql: string, options?: ParseOptions): Statement {
  const cursor = new Cursor(sql, options);
  if (cursor.kind === Keyword.insert || cursor.kind === Keyword.import) {
    return { kind: 'insert', start: cursor.start, end: sql.length };
  }
  const statement = parseOne(cursor);
  if (cursor.kind !== TokenKind.END && cursor.kind !== TokenKind.SEMICOLON) {
    cursor.fail('the end of the statement');
  }
  return statement;
}

/** statement ::= union | create | alter | drop | show | use | describe | reset | kill | syncdb | compact | explain | delete */
function parseOne(cursor: Cursor): Statement {
  switch (cursor.kind) {
    case Keyword.select:
    case TokenKind.LEFT_PAREN:
      return parseSelectStatement(cursor);
    case Keyword.create:
      return parseCreate(cursor);
    case Keyword.alter:
      return parseAlter(cursor);
    case Keyword.drop:
      return parseDrop(cursor);
    case Keyword.show:
      return parseShow(cursor);
    case Keyword.use:
      return database.parseUse(cursor);
    case Keyword.describe:
      return table.parseDescribe(cursor);
    case Keyword.reset:
      return cluster.parseReset(cursor);
    case Keyword.kill:
      return cluster.parseKill(cursor);
    case Keyword.syncdb:
      return database.parseSyncDatabase(cursor);
    case Keyword.explain:
      return parseExplain(cursor);
    default:
      if (cursor.atWord('compact')) return cluster.parseCompact(cursor);
      if (cursor.atWord('delete')) return parseDelete(cursor);
      return cursor.fail('a statement');
  }
}

/** create ::= 'create' (table | stable | database | topic | user | account | dnode) */
function parseCreate(cursor: Cursor): Statement {
  const start = cursor.start;
  cursor.next();
  const { kind } = cursor;
  cursor.next();
  switch (kind) {
    case Keyword.table:
      return table.parseCreateTable(cursor, start);
    case Keyword.stable:
      return table.parseCreateStable(cursor, start);
    case Keyword.database:
      return database.parseCreateDatabase(cursor, start, false);
    case Keyword.topic:
      return database.parseCreateDatabase(cursor, start, true);
    case Keyword.user:
      return user.parseCreateUser(cursor, start);
    case Keyword.account:
      return user.parseCreateAccount(cursor, start);
    case Keyword.dnode:
      return cluster.parseCreateDnode(cursor, start);
    default:
      return cursor.failAt(start, 'create table, stable, database, topic, user, account or dnode');
  }
}

/** alter ::= 'alter' (table | stable | database | topic | user | account | dnode | local) */
function parseAlter(cursor: Cursor): Statement {
  const start = cursor.start;
  cursor.next();
  const { kind } = cursor;
  cursor.next();
  switch (kind) {
    case Keyword.table:
      return parseAlterTable(cursor, start, false);
    case Keyword.stable:
      return parseAlterTable(cursor, start, true);
    case Keyword.database:
      return database.parseAlterDatabase(cursor, start, false);
    case Keyword.topic:
      return database.parseAlterDatabase(cursor, start, true);
    case Keyword.user:
      return user.parseAlterUser(cursor, start);
    case Keyword.account:
      return user.parseAlterAccount(cursor, start);
    case Keyword.dnode:
      return cluster.parseAlterDnode(cursor, start);
    case Keyword.local:
      return cluster.parseAlterLocal(cursor, start);
    default:
      return cursor.failAt(
        start,
        'alter table, stable, database, topic, user, account, dnode or local',
      );
  }
}

/** drop ::= 'drop' (table | stable | database | topic | user | account | dnode) */
function parseDrop(cursor: Cursor): Statement {
  const start = cursor.start;
  cursor.next();
  const { kind } = cursor;
  cursor.next();
  switch (kind) {
    case Keyword.table:
      return table.parseDropTable(cursor, start, false);
    case Keyword.stable:
      return table.parseDropTable(cursor, start, true);
    case Keyword.database:
      return database.parseDropDatabase(cursor, start, false);
    case Keyword.topic:
      return database.parseDropDatabase(cursor, start, true);
    case Keyword.user:
      return user.parseDropUser(cursor, start);
    case Keyword.account:
      return user.parseDropAccount(cursor, start);
    case Keyword.dnode:
      return cluster.parseDropDnode(cursor, start);
    default:
      return cursor.failAt(start, 'drop table, stable, database, topic, user, account or dnode');
  }
}

/** explain ::= 'explain' 'analyze'? union */
function parseExplain(cursor: Cursor): Explain {
  const start = cursor.start;
  cursor.next();
  const analyze = cursor.atWord('analyze');
  if (analyze) cursor.next();
  const select = parseSelectStatement(cursor);
  return { kind: 'explain', analyze, select, start, end: cursor.previousEnd };
}

/** delete ::= 'delete' 'from' tableName 'where' expression */
function parseDelete(cursor: Cursor): Delete {
  const start = cursor.start;
  cursor.next();
  cursor.expectKeyword('from');
  const name = parseTableName(cursor);
  cursor.expectKeyword('where');
  const where = parseExpression(cursor);
  return { kind: 'delete', table: name, where, start, end: cursor.previousEnd };
}
