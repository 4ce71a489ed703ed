/**
 * Keys on their way from the terminal to readline. Terminals mark what is pasted (bracketed paste); a paste of
 * several lines becomes one line that can be looked at and edited before Enter, instead of statements that run while
 * the rest still arrives. Tabs in it complete nothing.
 */
import { Transform, type TransformCallback } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { ReadStream } from 'node:tty';

/** Written to the terminal: mark what is pasted from now on. */
export const PASTE_MARKS_ON = '\x1b[?2004h';
/** Written to the terminal: mark it no longer. */
export const PASTE_MARKS_OFF = '\x1b[?2004l';

const BEGIN = '\x1b[200~';
const END = '\x1b[201~';

/** Passes bytes on as text, pastes flattened; `setRawMode` goes to the terminal. */
export class PasteFilter extends Transform {
  readonly #terminal: ReadStream;
  readonly #decoder = new StringDecoder('utf8');
  readonly isTTY = true;
  #isPasting = false;
  #rest = '';

  constructor(terminal: ReadStream) {
    super({ decodeStrings: false, encoding: 'utf8' });
    this.#terminal = terminal;
  }

  /** As of a terminal: readline calls it. */
  setRawMode(isRaw: boolean): this {
    this.#terminal.setRawMode(isRaw);
    return this;
  }

  override _transform(chunk: Buffer | string, _encoding: string, done: TransformCallback): void {
    this.#rest += typeof chunk === 'string' ? chunk : this.#decoder.write(chunk);
    let text = '';
    for (;;) {
      const mark = this.#isPasting ? END : BEGIN;
      const at = this.#rest.indexOf(mark);
      const end = at < 0 ? this.#rest.length - partialMark(this.#rest, mark, this.#isPasting) : at;
      const part = this.#rest.slice(0, end);
      text += this.#isPasting ? flat(part) : part;
      this.#rest = this.#rest.slice(at < 0 ? end : at + mark.length);
      if (at < 0) break;
      this.#isPasting = !this.#isPasting;
    }
    done(null, text);
  }
}

/** How much of a mark stands at the end of a text. Outside of pastes a lone escape is a key, not the beginning of one. */
function partialMark(text: string, mark: string, isPasting: boolean): number {
  const least = isPasting ? 1 : 2;
  for (let length = Math.min(mark.length - 1, text.length); length >= least; length--) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}

function flat(text: string): string {
  return text.replaceAll(/[\r\n\t]+/g, ' ');
}
