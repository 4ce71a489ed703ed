/**
 * Tutorials under docs/ as things to run, so that what a page tells its reader to type works and answers as printed.
 *
 * Blocks that count:
 *
 *     ```console          commands and what they print; `[root@hadoop1 tdnode]# ls` runs on a host, `taos> show dnodes;`
 *                         in the shell that the `taos` command before it opened; `until` behind it: again until it is so
 *     ```cfg hadoop1 /etc/taos/taos.cfg
 *                         lines `name value` to be set in a file of a host
 *
 * Other blocks are for reading. What differs from run to run is not compared: times, durations, process ids, blank lines, columns
 * that depend on the machine (`VARYING_COLUMNS`). A line `...` stands for any lines, `…` within a line, with the blanks behind it, for any characters.
 */

/** One command of a `console` block. */
export interface Command {
  readonly host: string;
  /** The line of bash that opened the shell which `input` is a statement of; undefined: `input` is a line of bash. */
  readonly shell: string | undefined;
  readonly input: string;
  /** What the page says that it prints. */
  readonly expected: readonly string[];
}

/** One block: commands, again and again where `isRepeated`, or lines of a file. */
export type Step =
  | {
      readonly kind: 'console';
      readonly commands: readonly Command[];
      readonly isRepeated: boolean;
    }
  | {
      readonly kind: 'settings';
      readonly host: string;
      readonly file: string;
      readonly lines: readonly string[];
    };

/** What stands under one heading. */
export interface Section {
  readonly title: string;
  readonly steps: readonly Step[];
}

const BLOCK = /^(#{2,3} (?<title>.+)|```(?<info>console.*|cfg .*)\n(?<body>[^]*?)^```)$/gmu;
const PROMPT = /^\[\w+@(?<host>[\w-]+) [^\]]+\][#$] (?<input>.+)$/u;
const SHELL_PROMPT = 'taos> ';

/** The sections of a page that have something to run; throws where a block is none of the above. */
export function parseTutorial(markdown: string): Section[] {
  const sections: { title: string; steps: Step[] }[] = [];
  let shell: OpenShell | undefined;
  for (const { groups } of markdown.matchAll(BLOCK)) {
    const { title, info = '', body = '' } = groups as Record<string, string | undefined>;
    if (title !== undefined) {
      sections.push({ title, steps: [] });
      continue;
    }
    const section = sections.at(-1);
    if (section === undefined) throw new Error(`a block stands before the first heading: ${info}`);
    const lines = body.split('\n').slice(0, -1);
    if (info.startsWith('cfg ')) {
      section.steps.push(parseSettings(info, lines));
      continue;
    }
    const commands = parseConsole(lines, shell);
    const last = commands.at(-1);
    shell = last?.shell === undefined ? undefined : { host: last.host, line: last.shell };
    section.steps.push({ kind: 'console', commands, isRepeated: info.endsWith(' until') });
  }
  return sections.filter(({ steps }) => steps.length > 0);
}

function parseSettings(info: string, lines: readonly string[]): Step {
  const [, host, file] = info.split(' ');
  if (host === undefined || file === undefined) throw new Error(`needs a host and a file: ${info}`);
  return { kind: 'settings', host, file, lines: lines.filter((line) => /^\w/u.test(line)) };
}

/** Where statements go. */
interface OpenShell {
  readonly host: string;
  readonly line: string;
}

/** `openShell`: what the block before this one left open. */
function parseConsole(lines: readonly string[], openShell: OpenShell | undefined): Command[] {
  const commands: (Command & { expected: string[] })[] = [];
  let shell = openShell;
  for (const line of lines) {
    const prompt = PROMPT.exec(line)?.groups;
    if (prompt !== undefined) {
      const { host, input } = prompt as { host: string; input: string };
      const isShell = /^(\S*\/)?taos( -[hP] \S+)*$/u.test(input);
      shell = isShell ? { host, line: input } : undefined;
      // A shell that waits for statements is opened by the first of them.
      if (!isShell) commands.push({ host, shell: undefined, input, expected: [] });
    } else if (line.startsWith(SHELL_PROMPT)) {
      if (shell === undefined) throw new Error(`no host has a shell: ${line}`);
      const input = line.slice(SHELL_PROMPT.length);
      commands.push({ host: shell.host, shell: shell.line, input, expected: [] });
    } else {
      const command = commands.at(-1);
      if (command === undefined) throw new Error(`no command prints this: ${line}`);
      command.expected.push(line);
    }
  }
  return commands;
}

/** Columns of `show …` that depend on the machine or on its load. */
const VARYING_COLUMNS = new Set([
  'cores',
  'cpu cores',
  'create_time',
  'created_time',
  'system scores',
  'module scores',
  'vnode scores',
  'total scores',
]);

/** What is compared of a command's output: lines without what differs from run to run. */
export function comparable(output: readonly string[]): string[] {
  let varying: readonly boolean[] = [];
  return output
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .map((line) => {
      const cells = line.split('|');
      if (cells.some((cell) => VARYING_COLUMNS.has(cell.trim())))
        varying = cells.map((cell) => VARYING_COLUMNS.has(cell.trim()));
      else if (cells.length === varying.length)
        return mask(cells.map((cell, i) => (varying[i] === true ? ' * ' : cell)).join('|'));
      return mask(line);
    });
}

function mask(line: string): string {
  return line
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}/gu, '<time>')
    .replaceAll(/\(\d+\.\d+s\)/gu, '(<duration>)')
    .replaceAll(/\bprocess \d+/gu, 'process <id>');
}

/** Whether a command printed what the page says. */
export function isAsPrinted(expected: readonly string[], output: readonly string[]): boolean {
  const parts = comparable(expected).map((line) => (line === '...' ? '(?:.*\n)*' : pattern(line)));
  return new RegExp(`^${parts.join('')}$`, 'u').test(
    comparable(output)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

const pattern = (line: string): string =>
  `${line
    .split(/… */u)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/gu, '\\$&'))
    .join('.*')}\n`;
