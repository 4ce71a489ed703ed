/**
 * The words of the grammar. A reserved word never is a name; a fallback word is one wherever the grammar
 * expects a name and nothing else (`select desc from t` parses, and fails later by meaning).
 *
 * Lookup costs no allocation: words are bucketed by length and first letter, and compared ignoring case.
 */
import { FIRST_KEYWORD } from './token-kind.ts';

const reserved = [
  'account',
  'accounts',
  'add',
  'alter',
  'and',
  'as',
  'between',
  'blocks',
  'by',
  'cache',
  'cachelast',
  'change',
  'column',
  'comp',
  'connection',
  'connections',
  'conns',
  'create',
  'ctime',
  'databases',
  'days',
  'dbs',
  'describe',
  'distinct',
  'dnode',
  'dnodes',
  'drop',
  'exists',
  'fill',
  'from',
  'fsync',
  'grants',
  'group',
  'having',
  'if',
  'in',
  'interval',
  'is',
  'isnull',
  'keep',
  'kill',
  'limit',
  'local',
  'maxrows',
  'minrows',
  'mnodes',
  'modify',
  'modules',
  'not',
  'notnull',
  'null',
  'or',
  'order',
  'partitions',
  'pass',
  'pps',
  'precision',
  'privilege',
  'qtime',
  'queries',
  'query',
  'quorum',
  'replica',
  'reset',
  'scores',
  'select',
  'session',
  'set',
  'show',
  'sliding',
  'slimit',
  'soffset',
  'stables',
  'state',
  'state_window',
  'storage',
  'stream',
  'streams',
  'syncdb',
  'table',
  'tables',
  'tag',
  'tags',
  'topic',
  'topics',
  'tseries',
  'union',
  'unsigned',
  'update',
  'use',
  'user',
  'users',
  'using',
  'variables',
  'vgroups',
  'vnodes',
  'wal',
  'where',
] as const;

const fallback = [
  'abort',
  'after',
  'all',
  'asc',
  'attach',
  'before',
  'begin',
  'bigint',
  'binary',
  'bool',
  'cascade',
  'cluster',
  'conflict',
  'copy',
  'database',
  'deferred',
  'delimiters',
  'desc',
  'detach',
  'double',
  'each',
  'end',
  'explain',
  'fail',
  'float',
  'for',
  'glob',
  'ignore',
  'immediate',
  'import',
  'initially',
  'insert',
  'instead',
  'int',
  'integer',
  'into',
  'iptoken',
  'join',
  'key',
  'like',
  'linear',
  'match',
  'nchar',
  'none',
  'now',
  'of',
  'offset',
  'prev',
  'raise',
  'replace',
  'restrict',
  'row',
  'semi',
  'smallint',
  'stable',
  'statement',
  'string',
  'tbname',
  'timestamp',
  'tinyint',
  'trigger',
  'values',
  'view',
] as const;

/** A keyword's spelling, lower-case. */
export type KeywordName = (typeof reserved)[number] | (typeof fallback)[number];

const words: readonly KeywordName[] = [...reserved, ...fallback];
const FIRST_FALLBACK = FIRST_KEYWORD + reserved.length;

/** The token kind of each keyword. */
export const Keyword = Object.fromEntries(
  words.map((word, index) => [word, FIRST_KEYWORD + index]),
) as { readonly [K in KeywordName]: number };

/** By (length, first letter): the indexes into `words` that are worth comparing. */
const buckets: number[][] = Array.from({ length: 16 * 32 }, () => []);
for (const [index, word] of words.entries())
  buckets[bucketOf(word.length, word.charCodeAt(0))]!.push(index);

function bucketOf(length: number, first: number): number {
  return length * 32 + (first & 31);
}

/** The keyword that `text[start, end)` spells in any case, else 0. The range holds word characters only. */
export function keywordAt(text: string, start: number, end: number): number {
  const length = end - start;
  if (length > 15) return 0;
  const bucket = buckets[bucketOf(length, text.charCodeAt(start))]!;
  for (let i = 0; i < bucket.length; i++) {
    const index = bucket[i]!;
    if (spells(text, start, words[index]!)) return FIRST_KEYWORD + index;
  }
  return 0;
}

/** Whether `text` at `start` goes on with `word` (lower-case letters and `_`) in any case. */
function spells(text: string, start: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) {
    const expected = word.charCodeAt(i);
    const code = text.charCodeAt(start + i);
    if (code !== expected && (code | 0x20) !== expected) return false;
  }
  return true;
}

/** Whether a token of this kind may stand where a name is expected. */
export function fallsBackToName(kind: number): boolean {
  return kind >= FIRST_FALLBACK;
}
