/** Productions for databases and topics. */
import type * as ast from '../ast/admin.ts';
import type { Literal, Option } from '../ast/name.ts';
import { Keyword } from '../lexer/keyword.ts';
import type { KeywordName } from '../lexer/keyword.ts';
import { TokenKind } from '../lexer/token-kind.ts';
import type { Cursor } from './cursor.ts';
import { parseIfExists, parseIfNotExists, parseLiteral, parseName } from './name.ts';

/** Options that `alter database` takes too. */
const alterable: readonly KeywordName[] = [
  'replica',
  'quorum',
  'keep',
  'blocks',
  'comp',
  'wal',
  'fsync',
  'update',
  'cachelast',
];
const creatable: readonly KeywordName[] = [
  ...alterable,
  'cache',
  'days',
  'minrows',
  'maxrows',
  'ctime',
  'precision',
];
const alterOptions = namesByKind(alterable);
const createOptions = namesByKind(creatable);
const alterTopicOptions = namesByKind([...alterable, 'partitions']);
const createTopicOptions = namesByKind([...creatable, 'partitions']);

/** Token kind → option name. */
type OptionNames = ReadonlyMap<number, KeywordName>;

/** The names of an option list by the kind of their token. */
export function namesByKind(names: readonly KeywordName[]): OptionNames {
  return new Map(names.map((name) => [Keyword[name], name]));
}

/** createDatabase ::= ifNotExists name option* */
export function parseCreateDatabase(
  cursor: Cursor,
  start: number,
  topic: boolean,
): ast.CreateDatabase {
  const ifNotExists = parseIfNotExists(cursor);
  const name = parseName(cursor, 'a database name');
  const options = parseOptions(cursor, topic ? createTopicOptions : createOptions);
  return {
    kind: 'createDatabase',
    topic,
    ifNotExists,
    name,
    options,
    start,
    end: cursor.previousEnd,
  };
}

/** alterDatabase ::= name option* */
export function parseAlterDatabase(
  cursor: Cursor,
  start: number,
  topic: boolean,
): ast.AlterDatabase {
  const name = parseName(cursor, 'a database name');
  const options = parseOptions(cursor, topic ? alterTopicOptions : alterOptions);
  return { kind: 'alterDatabase', topic, name, options, start, end: cursor.previousEnd };
}

/** dropDatabase ::= ifExists name */
export function parseDropDatabase(cursor: Cursor, start: number, topic: boolean): ast.DropDatabase {
  const ifExists = parseIfExists(cursor);
  const name = parseName(cursor, 'a database name');
  return { kind: 'dropDatabase', topic, ifExists, name, start, end: cursor.previousEnd };
}

/** use ::= 'use' name */
export function parseUse(cursor: Cursor): ast.UseDatabase {
  const start = cursor.start;
  cursor.expectKeyword('use');
  const name = parseName(cursor, 'a database name');
  return { kind: 'use', name, start, end: cursor.previousEnd };
}

/** syncdb ::= 'syncdb' name 'replica' */
export function parseSyncDatabase(cursor: Cursor): ast.SyncDatabase {
  const start = cursor.start;
  cursor.expectKeyword('syncdb');
  const name = parseName(cursor, 'a database name');
  cursor.expectKeyword('replica');
  return { kind: 'syncDatabase', name, start, end: cursor.previousEnd };
}

/** option* — any order, repeats kept */
export function parseOptions(cursor: Cursor, names: OptionNames): Option[] {
  const options: Option[] = [];
  for (;;) {
    const start = cursor.start;
    const name = names.get(cursor.kind);
    if (name === undefined) return options;
    cursor.next();
    const values = parseOptionValues(cursor, name);
    options.push({ kind: 'option', name, values, start, end: cursor.previousEnd });
  }
}

/** option ::= 'keep' literal (',' literal)* | ('precision' STRING) | 'state' name | word INTEGER */
function parseOptionValues(cursor: Cursor, name: KeywordName): Literal[] {
  if (name === 'keep') return cursor.list(parseLiteral);
  if (name === 'precision' && cursor.kind !== TokenKind.STRING) cursor.fail('a string');
  if (name === 'state') return [parseStateValue(cursor)];
  if (name !== 'precision' && cursor.kind !== TokenKind.INTEGER) cursor.fail('an integer');
  return [parseLiteral(cursor)];
}

/** `state r` of an account: a name, kept as a string */
function parseStateValue(cursor: Cursor): Literal {
  const { start, end } = cursor;
  return { kind: 'literal', form: 'string', text: parseName(cursor), start, end };
}
