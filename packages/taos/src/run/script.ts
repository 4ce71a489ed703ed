/** Statements from a stream of text: files by `source` and `-f`, and standard input that is no terminal. */
import { LineJoiner } from '../statement/line-joiner.ts';
import type { Screen } from './screen.ts';
import type { Outcome } from './session.ts';

/** What a line of the shell begins with. */
export const PROMPT = 'taos> ';

/** How a script is run. */
export interface ScriptOptions {
  readonly screen: Screen;
  /** The first failure ends it. */
  readonly isStrict: boolean;
  /** Statements are shown behind a prompt, as if they had been typed. */
  readonly isEchoed: boolean;
}

/**
 * Runs all statements of a text; `failed` where at least one was, `interrupted` where the user ended it. Memory: the
 * longest statement.
 */
export async function runScript(
  text: AsyncIterable<string>,
  runner: { run(statement: string): Promise<Outcome> },
  options: ScriptOptions,
): Promise<Outcome> {
  const joiner = new LineJoiner('file');
  let worst: Outcome = 'ok';
  const runAll = async (statements: readonly string[]): Promise<boolean> => {
    for (const statement of statements) {
      if (options.isEchoed) await options.screen.write(`${PROMPT}${statement.trim()};\n`);
      const outcome = await runner.run(statement);
      if (outcome !== 'ok' && outcome !== 'quit') worst = outcome;
      if (outcome === 'quit' || outcome === 'interrupted') return false;
      if (outcome === 'failed' && options.isStrict) return false;
    }
    return true;
  };
  for await (const line of linesOf(text)) {
    if (!(await runAll(joiner.add(line)))) return worst;
  }
  await runAll(joiner.finish());
  return worst;
}

/** Lines without their ends; a mark of the byte order is left out. */
export async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  let isFirst = true;
  for await (const piece of text) {
    const lines = (rest + (isFirst ? piece.replace(/^\u{feff}/u, '') : piece)).split('\n');
    isFirst = false;
    rest = lines.pop()!;
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (rest !== '') yield rest;
}
