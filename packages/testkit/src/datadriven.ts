/**
 * Scenarios as text: a file of commands and what they answer.
 *
 *   # a comment
 *   append 1 abc key=value
 *   more input, up to the line of dashes
 *   ----
 *   the expected answer, up to an empty line
 *
 * The runner hands each command to one function and compares. With `rewrite` it returns the file with the
 * answers as they are now: a review of the difference is a review of the change of behaviour.
 */

/** One command of a script. */
export interface ScriptCommand {
  /** The first word. */
  readonly name: string;
  /** The other words that have no `=`. */
  readonly words: readonly string[];
  /** The words `key=value`. */
  readonly options: ReadonlyMap<string, string>;
  /** Lines between the command and `----`. */
  readonly input: string;
  /** What is expected, without the final line end. */
  readonly expected: string;
  /** Line number of the command, from 1. */
  readonly line: number;
}

/** How one command ended. */
export interface ScriptResult {
  readonly command: ScriptCommand;
  readonly actual: string;
}

/** Runs every command; returns those whose answer differs. An error thrown is the answer `error: <text>`. */
export function runScript(text: string, run: (command: ScriptCommand) => string): ScriptResult[] {
  const different: ScriptResult[] = [];
  for (const command of parseScript(text)) {
    const actual = answerOf(command, run);
    if (actual !== command.expected) different.push({ command, actual });
  }
  return different;
}

/** The script with today's answers in it. */
export function rewriteScript(text: string, run: (command: ScriptCommand) => string): string {
  const lines = text.split('\n');
  const out: string[] = [];
  let from = 0;
  for (const command of parseScript(text)) {
    const dashes = lines.indexOf('----', command.line - 1);
    out.push(...lines.slice(from, dashes + 1));
    const answer = answerOf(command, run);
    if (answer !== '') out.push(answer);
    from = dashes + 1 + (command.expected === '' ? 0 : command.expected.split('\n').length);
  }
  out.push(...lines.slice(from));
  return out.join('\n');
}

function answerOf(command: ScriptCommand, run: (command: ScriptCommand) => string): string {
  try {
    return run(command).trimEnd();
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Splits a script into its commands; throws where a command has no `----`. */
function parseScript(text: string): ScriptCommand[] {
  const lines = text.split('\n');
  const commands: ScriptCommand[] = [];
  let at = 0;
  while (at < lines.length) {
    const head = lines[at]!;
    if (head.trim() === '' || head.startsWith('#')) {
      at++;
      continue;
    }
    const dashes = lines.indexOf('----', at);
    if (dashes < 0) throw new Error(`line ${at + 1}: '${head}' has no ----`);
    let end = dashes + 1;
    while (end < lines.length && lines[end] !== '') end++;
    commands.push(
      parseCommand(head, at + 1, {
        input: lines.slice(at + 1, dashes).join('\n'),
        expected: lines.slice(dashes + 1, end).join('\n'),
      }),
    );
    at = end;
  }
  return commands;
}

function parseCommand(
  head: string,
  line: number,
  body: { readonly input: string; readonly expected: string },
): ScriptCommand {
  const [name, ...rest] = head.trim().split(/\s+/);
  const words: string[] = [];
  const options = new Map<string, string>();
  for (const word of rest) {
    const equals = word.indexOf('=');
    if (equals > 0) options.set(word.slice(0, equals), word.slice(equals + 1));
    else words.push(word);
  }
  return { name: name!, words, options, line, ...body };
}
