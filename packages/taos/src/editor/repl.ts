/**
 * The prompt: lines with history, completion and editing by `node:readline`, statements over several of them, one
 * statement at a time.
 *
 * While a statement runs the terminal is in its normal mode and nobody reads from it: Ctrl-C is a signal then, and what
 * is typed ahead waits in the terminal.
 */
import readline from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import { LineJoiner } from '../statement/line-joiner.ts';
import type { Outcome, Session } from '../run/session.ts';
import { PROMPT } from '../run/script.ts';
import { Completer, type Completion } from './completion.ts';
import { MAX_HISTORY, type History } from './history.ts';
import { PASTE_MARKS_OFF, PASTE_MARKS_ON, PasteFilter } from './paste-filter.ts';

/** Under an unfinished statement. */
const GOES_ON = '   -> ';

/** What the prompt stands on. */
export interface ReplOptions {
  readonly session: Session;
  readonly history: History;
  readonly input: ReadStream;
  readonly output: WriteStream;
}

type CompletionTaker = (error: null, completion: Completion) => void;

interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
}

/** See the head of this file. */
export class Repl {
  readonly #options: ReplOptions;
  readonly #joiner = new LineJoiner('terminal');
  readonly #completer: Completer;
  readonly #filter: PasteFilter;
  readonly #line: readline.Interface;
  /** Lines that came while a statement ran. */
  readonly #waiting: string[] = [];
  #typed = '';
  #isBusy = false;
  #isOver = false;
  #search: { readonly part: string; readonly found: string; readonly skip: number } | undefined;
  #end: (() => void) | undefined;

  constructor(options: ReplOptions) {
    this.#options = options;
    const { session, history, input, output } = options;
    this.#completer = new Completer(session.server);
    this.#filter = new PasteFilter(input);
    input.pipe(this.#filter);
    this.#line = readline.createInterface({
      input: this.#filter,
      output,
      terminal: true,
      prompt: PROMPT,
      history: history.newestFirst,
      historySize: MAX_HISTORY,
      removeHistoryDuplicates: true,
      completer: (line: string, done: CompletionTaker) => void this.#offer(line, done),
    });
  }

  /** Prompts until the user leaves. */
  async run(): Promise<void> {
    const { session, output } = this.#options;
    const onSignal = (): void => void session.cancel();
    process.on('SIGINT', onSignal);
    this.#line.on('line', (line) => {
      this.#waiting.push(line);
      if (!this.#isBusy) void this.#work();
    });
    this.#line.on('SIGINT', () => this.#interrupt());
    this.#line.on('close', () => this.#leave());
    this.#filter.on('keypress', (_text: string | undefined, key: Key) => this.#onKey(key));
    output.write(PASTE_MARKS_ON);
    this.#prompt();
    await new Promise<void>((resolve) => (this.#end = resolve));
    process.off('SIGINT', onSignal);
    this.#line.close();
    this.#options.input.unpipe(this.#filter).unref();
  }

  #prompt(): void {
    this.#line.setPrompt(this.#joiner.isOpen ? GOES_ON : PROMPT);
    this.#line.prompt();
  }

  /** Runs what the waiting lines complete, with the terminal in its normal mode. */
  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) {
      this.#typed += `${line}\n`;
      const statements = this.#joiner.add(line);
      if (statements.length > 0) await this.#withoutKeys(() => this.#runAll(statements));
      if (this.#isOver) break;
      if (!this.#joiner.isOpen) this.#remember();
    }
    this.#isBusy = false;
    if (this.#isOver) this.#end?.();
    else this.#prompt();
  }

  async #runAll(statements: readonly string[]): Promise<void> {
    for (const statement of statements) {
      const outcome: Outcome = await this.#options.session.run(statement);
      this.#completer.forget(statement);
      if (outcome === 'quit') this.#isOver = true;
      if (this.#isOver || outcome === 'interrupted') break;
    }
    this.#remember();
  }

  async #withoutKeys(work: () => Promise<void>): Promise<void> {
    const { input, output } = this.#options;
    this.#line.pause();
    input.pause();
    input.setRawMode(false);
    output.write(PASTE_MARKS_OFF);
    try {
      await work();
    } finally {
      if (!this.#isOver) {
        output.write(PASTE_MARKS_ON);
        input.setRawMode(true);
        input.resume();
        this.#line.resume();
      }
    }
  }

  async #offer(line: string, done: CompletionTaker): Promise<void> {
    done(null, await this.#completer.complete(this.#joiner.pending, line));
  }

  /** Keeps what was typed as one entry: readline keeps the lines for this session. */
  #remember(): void {
    this.#options.history.add(this.#typed);
    this.#typed = '';
  }

  /** Ctrl-C as a key: the line and the statement are forgotten. */
  #interrupt(): void {
    if (this.#isBusy) {
      this.#options.session.cancel();
      return;
    }
    this.#options.output.write('^C\n');
    this.#joiner.clear();
    this.#typed = '';
    this.#replaceLine('');
    this.#prompt();
  }

  #leave(): void {
    this.#isOver = true;
    if (this.#isBusy) {
      this.#options.session.cancel();
      return;
    }
    this.#options.output.write(`${PASTE_MARKS_OFF}\n`);
    this.#end?.();
  }

  /** Ctrl-R: the newest entry that contains what is typed; again: an older one. */
  #onKey({ name, ctrl }: Key): void {
    if (name !== 'r' || ctrl !== true) return;
    const last = this.#search?.found === this.#line.line ? this.#search : undefined;
    const part = last?.part ?? this.#line.line;
    const skip = last === undefined ? 0 : last.skip + 1;
    const found = this.#options.history.find(part, skip);
    if (found === undefined) return;
    this.#search = { part, found, skip };
    this.#replaceLine(found);
  }

  #replaceLine(text: string): void {
    this.#line.write(null, { ctrl: true, name: 'e' });
    this.#line.write(null, { ctrl: true, name: 'u' });
    if (text !== '') this.#line.write(text);
  }
}
