/**
 * The tutorials under docs/tutorials, typed line by line on machines of a lab. Aim: what a page says to type works, and what it
 * says is printed is printed. Method: the markdown is the only source of commands and answers (`parseTutorial` of testkit says
 * which blocks count and what is not compared); a section is a test.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAsPrinted, parseTutorial, type Command, type Step } from '@tdnode/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pause, skipUnless } from './harness.ts';
import { Machines, hasOverlays } from './lab-machine.ts';
import { hasLab } from './lab.ts';

const docs = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../docs/tutorials');
const canRun = hasLab && hasOverlays();
const UNTIL_LIMIT_MS = 90_000;

/** Types what a page says. */
class Reader {
  readonly #machines: Machines;
  /** The last `use …;` typed in the shell: it holds in later blocks too. */
  #use = '';

  constructor(machines: Machines) {
    this.#machines = machines;
  }

  async follow(step: Step): Promise<void> {
    if (step.kind === 'settings') {
      this.#machines.configure(step.host, step.file, step.lines);
      return;
    }
    const begun = Date.now();
    for (;;) {
      const outputs = this.#typeAll(step.commands);
      const isSo = step.commands.every(({ expected }, i) => isAsPrinted(expected, outputs[i]!));
      if (isSo) return;
      if (!step.isRepeated || Date.now() - begun > UNTIL_LIMIT_MS) throw unlike(step, outputs);
      await pause(300);
    }
  }

  /** What each command prints. */
  #typeAll(commands: readonly Command[]): string[][] {
    const outputs: string[][] = [];
    for (let i = 0; i < commands.length;) {
      const { host, shell, input } = commands[i]!;
      if (shell === undefined) {
        outputs.push(this.#machines.run(host, input).output.split('\n'));
        i++;
        continue;
      }
      const rest = commands.slice(i);
      const end = rest.findIndex((other) => other.shell !== shell || other.host !== host);
      const statements = end === -1 ? rest : rest.slice(0, end);
      const inputs = statements.map((statement) => statement.input);
      outputs.push(...this.#ask(host, shell, inputs));
      i += statements.length;
    }
    return outputs;
  }

  /** One start of the shell for statements that follow each other. */
  #ask(host: string, shell: string, inputs: readonly string[]): string[][] {
    const before = this.#use === '' ? [] : [this.#use];
    const lines = [...before, ...inputs].map((input) => `${input}\n`).join('');
    const { output } = this.#machines.run(host, `${shell} -f /dev/stdin <<'END'\n${lines}END`);
    this.#use = inputs.findLast((input) => /^use \w+;$/u.test(input)) ?? this.#use;
    const answers = output.split(/^taos> .*\n/gmu).slice(1 + before.length);
    return inputs.map((_, i) => (answers[i] ?? `nothing: ${output}`).split('\n'));
  }
}

/** Both texts, for the reader of the failure. */
function unlike(step: Step & { kind: 'console' }, outputs: readonly string[][]): Error {
  const texts = step.commands.map(({ host, input, expected }, i) =>
    [`${host}: ${input}`, '--- the page says', ...expected, '--- it printed', ...outputs[i]!].join(
      '\n',
    ),
  );
  return new Error(texts.join('\n\n'));
}

describe.each([
  { page: 'first-cluster.md', size: 1 },
  { page: 'two-node-cluster.md', size: 2 },
  { page: 'uneven-data-distribution.md', size: 1 },
])('$page', ({ page, size }) => {
  const machines = new Machines('tut');
  const reader = new Reader(machines);
  beforeAll(async () => {
    if (canRun) await machines.start(size);
  });
  afterAll(async () => {
    if (canRun) await machines.dispose();
  });

  let failed: string | undefined;
  for (const { title, steps } of parseTutorial(readFileSync(path.join(docs, page), 'utf8')))
    test(title, async (context) => {
      skipUnless(context, canRun, 'machines of a lab need root, iproute2 and overlay mounts');
      expect(failed, 'what comes after a failed section means nothing').toBeUndefined();
      failed = title;
      for (const step of steps) await reader.follow(step);
      failed = undefined;
    });
});
