/** `tags (1, 'a')` of an insert that creates its table: values converted to the stable's tag types. */
import { syntaxError, type Schema, type TagValue } from '@tdnode/common';
import { readColumnList } from './column-list.ts';
import { skipBlanks } from './row-reader.ts';
import { operationAt } from './skip.ts';
import { TokenKind, type TokenReader } from './token.ts';
import { convert, type ValueContext } from './value.ts';

/** Reads `tags (…)`; belongs to one parser. */
export class TagReader {
  /** The position behind what `read` read. */
  next = 0;
  readonly #token: TokenReader;

  constructor(token: TokenReader) {
    this.#token = token;
  }

  /**
   * Reads the parenthesis at `at.values`; `at.listed` is where a list of tag names stands, or 0. Returns one
   * value a tag of the stable; what is not listed is NULL.
   */
  read(
    schema: Schema,
    sql: Uint8Array,
    at: { readonly listed: number; readonly values: number; readonly end: number },
    context: ValueContext,
  ): TagValue[] {
    const { end } = at;
    const order =
      at.listed > 0 ? readColumnList(schema.tags, sql, at.listed, end) : schema.tags.keys();
    const values: TagValue[] = schema.tags.map(() => null);
    let pos = at.values + 1;
    for (const index of order) {
      pos = skipBlanks(sql, pos, end);
      if (sql[pos] === 41) throw syntaxError(`no value for tag '${schema.tags[index]!.name}'`, pos);
      const start = pos;
      pos = this.#token.read(sql, pos, end);
      const { kind } = this.#token;
      if (kind === TokenKind.ILLEGAL) throw syntaxError('a tag wants a literal', start);
      const converted = convert(this.#token, schema.tags[index]!, context);
      if (converted.reason !== undefined) {
        throw operationAt(sql, kind === TokenKind.STRING ? start + 1 : start, converted.reason);
      }
      const { value } = converted;
      values[index] = value instanceof Uint8Array ? value.slice() : value;
      pos = skipBlanks(sql, pos, end);
      if (pos < end && sql[pos] === 44) pos++;
    }
    pos = skipBlanks(sql, pos, end);
    if (pos >= end || sql[pos] !== 41)
      throw syntaxError('expected ) behind the values of the tags', pos);
    this.next = pos + 1;
    return values;
  }
}
