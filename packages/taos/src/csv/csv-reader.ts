/**
 * Rows of a file of comma-separated values, fed in pieces of any size. A field is bare (blanks around it do not count)
 * or stands between `'` or `"`; inside, the quote is doubled or behind a backslash, and lines may end. Empty lines are
 * left out. Invariant: any split of the same text gives the same rows.
 */

/** One field. */
export interface Field {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** One row. */
export interface CsvRow {
  readonly fields: readonly Field[];
  /** Where it begins, from 1. */
  readonly line: number;
}

type State = 'start' | 'bare' | 'quoted' | 'escaped' | 'closed';

/** See the head of this file. */
export class CsvReader {
  #state: State = 'start';
  #quote = '';
  #text = '';
  #fields: Field[] = [];
  #line = 1;
  #startLine = 1;

  /** Takes a piece; returns the rows that are whole now. */
  feed(piece: string): CsvRow[] {
    const rows: CsvRow[] = [];
    for (const character of piece) this.#take(character, rows);
    return rows;
  }

  /** The text is over: returns what has no line feed behind it. */
  end(): CsvRow[] {
    const rows: CsvRow[] = [];
    if (this.#state === 'quoted' || this.#state === 'escaped')
      throw new SyntaxError(`line ${this.#startLine}: a quotation mark is not closed`);
    this.#endRow(rows);
    return rows;
  }

  #take(character: string, rows: CsvRow[]): void {
    switch (this.#state) {
      case 'quoted':
        this.#takeQuoted(character);
        break;
      case 'escaped':
        this.#text += character;
        this.#state = 'quoted';
        break;
      case 'closed':
        // A doubled quote is one that belongs to the text.
        if (character === this.#quote) {
          this.#text += character;
          this.#state = 'quoted';
        } else this.#takeBetween(character, rows);
        break;
      case 'start':
      case 'bare':
        this.#takeBare(character, rows);
        break;
    }
    if (character === '\n') this.#line++;
  }

  #takeQuoted(character: string): void {
    if (character === '\\') this.#state = 'escaped';
    else if (character === this.#quote) this.#state = 'closed';
    else this.#text += character;
  }

  #takeBare(character: string, rows: CsvRow[]): void {
    const isQuote = character === "'" || character === '"';
    if (this.#state === 'start' && isQuote) {
      this.#state = 'quoted';
      this.#quote = character;
    } else if (character === ',' || character === '\n') this.#takeBetween(character, rows);
    else if (this.#state === 'bare' || !/\s/.test(character)) {
      this.#state = 'bare';
      this.#text += character;
    }
  }

  #takeBetween(character: string, rows: CsvRow[]): void {
    if (character === ',') this.#endField();
    else if (character === '\n') this.#endRow(rows);
    else if (!/\s/.test(character))
      throw new SyntaxError(`line ${this.#line}: expected a comma behind a quoted value`);
  }

  #endField(): void {
    const isQuoted = this.#state === 'closed';
    this.#fields.push({ text: isQuoted ? this.#text : this.#text.trim(), isQuoted });
    this.#text = '';
    this.#state = 'start';
  }

  #endRow(rows: CsvRow[]): void {
    if (this.#fields.length > 0 || this.#state !== 'start') {
      this.#endField();
      rows.push({ fields: this.#fields, line: this.#startLine });
      this.#fields = [];
    }
    this.#startLine = this.#line + 1;
  }
}
