/**
 * The first word of a statement, from its bytes: what runs on the fast path of inserts is decided before
 * anything is decoded.
 */

/** Whether the statement begins with `insert` or `import`, comments and white space aside. */
export function isInsert(sql: Uint8Array): boolean {
  const at = skipSpace(sql, 0);
  return hasWord(sql, at, INSERT) || hasWord(sql, at, IMPORT);
}

/** Kinds that statements are counted by: their first word, or `other`. */
export const statementKinds = [
  'insert',
  'select',
  'show',
  'describe',
  'use',
  'create',
  'alter',
  'drop',
  'delete',
  'explain',
  'kill',
  'other',
] as const;

/** A statement's first word, as it is counted. */
export type StatementKind = (typeof statementKinds)[number];

/** Kinds that do not stand for themselves: `import` is an insert, `desc` is a describe. */
const spellings: readonly (readonly [word: Uint8Array, kind: StatementKind])[] = [
  ...statementKinds.map((kind) => [bytesOf(kind), kind] as const),
  [bytesOf('import'), 'insert'],
  [bytesOf('desc'), 'describe'],
];

/** The kind of the statement in `sql`. */
export function statementKind(sql: Uint8Array): StatementKind {
  const at = skipSpace(sql, 0);
  for (const [word, kind] of spellings) if (hasWord(sql, at, word)) return kind;
  return 'other';
}

function bytesOf(word: string): Uint8Array {
  return Uint8Array.from(word, (c) => c.charCodeAt(0));
}

const INSERT = Uint8Array.from('insert', (c) => c.charCodeAt(0));
const IMPORT = Uint8Array.from('import', (c) => c.charCodeAt(0));

function hasWord(sql: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) {
    if (((sql[at + i] ?? 0) | 32) !== word[i]) return false;
  }
  const next = sql[at + word.length];
  return next === undefined || isSpace(next) || next === 0x2f || next === 0x2d;
}

function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

/** The first byte that is neither white space nor in a comment. */
function skipSpace(sql: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    while (at < sql.length && isSpace(sql[at]!)) at++;
    if (sql[at] === 0x2f && sql[at + 1] === 0x2a) {
      at = afterBlockComment(sql, at + 2);
    } else if (sql[at] === 0x2d && sql[at + 1] === 0x2d) {
      while (at < sql.length && sql[at] !== 10) at++;
    } else {
      return at;
    }
  }
}

function afterBlockComment(sql: Uint8Array, from: number): number {
  for (let at = from; at + 1 < sql.length; at++) {
    if (sql[at] === 0x2a && sql[at + 1] === 0x2f) return at + 2;
  }
  return sql.length;
}
