/**
 * The program `taos`. Exit status: 0, also when a statement failed, as in 2.1.2; 1 with `--strict` when one did, when nobody
 * answers or the password is wrong, and when options or taos.cfg are wrong; 130 when Ctrl-C ended a script.
 */
import { homedir } from 'node:os';
import path from 'node:path';
import { TaosError, dumpConfig, systemClock } from '@tdnode/common';
import { connect, elapsed } from './connection/connect.ts';
import { History } from './editor/history.ts';
import { Repl } from './editor/repl.ts';
import { runNetTest } from './network/net-test.ts';
import { parseArguments, type Arguments } from './options/arguments.ts';
import { askPassword } from './options/password.ts';
import { SettingsError, readSettings, type Settings } from './options/settings.ts';
import { usage } from './options/usage.ts';
import { failureHint } from './print/failure.ts';
import { checkTables } from './run/check-tables.ts';
import { runDirectory } from './run/directory.ts';
import { processScreen } from './run/process-screen.ts';
import { PROMPT, runScript } from './run/script.ts';
import type { Screen } from './run/screen.ts';
import { Session, type Outcome } from './run/session.ts';

/** What shells give a program that Ctrl-C ended. */
const INTERRUPTED = 130;
const HISTORY_FILE = '.taos_history';
/** A built statement is at most this part of maxSQLLength. */
const SQL_SHARE = 2;

/** Runs the program with the words behind its name; resolves with the exit status. */
export async function main(words: readonly string[]): Promise<number> {
  process.title = 'taos'; // the words may hold a password, and every user of the host sees titles
  const command = parseArguments(words);
  const screen = processScreen();
  try {
    switch (command.kind) {
      case 'help':
        await screen.write(usage);
        return 0;
      case 'wrong':
        screen.warn(`taos: ${command.text}\ntaos --help lists the options\n`);
        return 1;
      case 'version':
        await screen.write(`version: ${readSettings(noArguments).config.version}\n`);
        return 0;
      case 'run':
        return await new Program(command.arguments, readSettings(command.arguments), screen).run();
    }
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    screen.warn(`taos: ${error.message}\n`);
    return 1;
  }
}

/** Of a command line without a word. */
const noArguments = (parseArguments([]) as { readonly arguments: Arguments }).arguments;

/** One run: what was asked for, and what it stands on. */
class Program {
  readonly #given: Arguments;
  readonly #settings: Settings;
  readonly #screen: Screen;
  #password: string | undefined;

  constructor(given: Arguments, settings: Settings, screen: Screen) {
    this.#given = given;
    this.#settings = settings;
    this.#screen = screen;
  }

  async run(): Promise<number> {
    const given = this.#given;
    const { config, problems } = this.#settings;
    if (given.isDump) {
      await this.#screen.write(`${dumpConfig(config, systemClock.now()).join('\n')}\n`);
      return 0;
    }
    for (const problem of problems) this.#screen.warn(`taos: ${problem}\n`);
    if (given.netRole !== undefined) return this.#testNetwork();
    const isScript = [given.commands, given.file, given.directory].some((one) => one !== undefined);
    const isTyped = !isScript && !given.isCheck && process.stdin.isTTY && process.stdout.isTTY;
    const isPiped = !isScript && !given.isCheck && !isTyped;
    if (!isPiped) await this.#screen.write(this.#banner());
    this.#password = await this.#askedPassword(isPiped);
    const startedMs = systemClock.monotonic();
    try {
      if (given.directory !== undefined) return await this.#runDirectory(given.directory);
      return await this.#runSession(isTyped);
    } catch (error) {
      if (!(error instanceof TaosError)) throw error;
      const seconds = elapsed(systemClock, startedMs);
      this.#screen.warn(`\nDB error: ${error.message} (${seconds}s)\n${failureHint(error, '')}`);
      return 1;
    }
  }

  #banner(): string {
    const { version } = this.#settings.config;
    return `
Welcome to the TDengine shell from Linux, Client Version:${version}
Copyright (c) 2020 by TAOS Data, Inc. All rights reserved.

`;
  }

  async #askedPassword(isPiped: boolean): Promise<string> {
    const { password } = this.#given;
    if (typeof password === 'string') return password;
    if (isPiped) throw new SettingsError('-p alone asks for a password: that needs a terminal');
    return askPassword(process.stdin, process.stdout);
  }

  async #runSession(isTyped: boolean): Promise<number> {
    const { commands, file, isCheck, threads } = this.#given;
    const session = await this.#open(isTyped);
    const stop = onInterrupt(() => session.cancel());
    let outcome: Outcome = 'ok';
    try {
      if (isCheck) {
        const { failed } = await checkTables(session.server, this.#screen, threads);
        return failed === 0 ? 0 : 1;
      }
      if (isTyped) return await prompt(session, { screen: this.#screen, stopScript: stop });
      outcome = await this.#runScripts(session, commands, file);
    } finally {
      stop();
      await session.server.close();
    }
    return this.#statusOf(outcome);
  }

  async #runScripts(session: Session, commands?: string, file?: string): Promise<Outcome> {
    const options = { screen: this.#screen, isStrict: this.#given.isStrict, isEchoed: false };
    if (commands === undefined && file === undefined)
      return runScript(process.stdin.setEncoding('utf8'), session, options);
    let outcome: Outcome = 'ok';
    if (commands !== undefined) {
      await this.#screen.write(`${PROMPT}${commands}\n`);
      outcome = await runScript(oneText(commands), session, options);
    }
    const isOver = outcome === 'interrupted' || (outcome === 'failed' && options.isStrict);
    if (file === undefined || isOver) return outcome;
    const second = await session.source(file);
    return outcome === 'failed' && second === 'ok' ? outcome : second;
  }

  #statusOf(outcome: Outcome): number {
    if (outcome === 'interrupted') return INTERRUPTED;
    return outcome === 'failed' && this.#given.isStrict ? 1 : 0;
  }

  async #runDirectory(folder: string): Promise<number> {
    const outcome = await runDirectory(folder, () => this.#open(false), this.#given.threads);
    return this.#statusOf(outcome);
  }

  async #open(isInteractive: boolean): Promise<Session> {
    const { endPoints, zone, tls, config } = this.#settings;
    const { user, database, isRawTime, isStrict } = this.#given;
    const server = await connect({
      endPoints,
      user,
      password: this.#password!,
      db: database,
      timezone: zone.name,
      tls,
    });
    return new Session({
      server,
      screen: this.#screen,
      clock: systemClock,
      zone,
      isRawTime,
      isInteractive,
      isStrict,
      maxSqlBytes: Math.floor(config.maxSQLLength / SQL_SHARE),
    });
  }

  #testNetwork(): Promise<number> {
    const { netRole, packetBytes, user, password } = this.#given;
    const { endPoints, zone, tls } = this.#settings;
    const [host = '', port = ''] = endPoints[0]!.split(':');
    return runNetTest({
      role: netRole!,
      host,
      port: Number(port),
      packetBytes,
      screen: this.#screen,
      hello: async () => {
        const known = typeof password === 'string' ? password : '';
        const client = await connect({
          endPoints: [`${host}:${port}`],
          user,
          password: known,
          db: undefined,
          timezone: zone.name,
          tls,
        });
        const { version } = await client.connect();
        await client.close();
        return version;
      },
      untilStopped: () => new Promise((resolve) => void process.once('SIGINT', resolve)),
    });
  }
}

/** Lets a person type; `stopScript` gives Ctrl-C to the prompt. */
async function prompt(
  session: Session,
  { screen, stopScript }: { readonly screen: Screen; readonly stopScript: () => void },
): Promise<number> {
  stopScript();
  const file = path.join(homedir(), HISTORY_FILE);
  const history = new History(file, (sentence) => screen.warn(`taos: ${sentence}\n`));
  const { stdin: input, stdout: output } = process;
  await new Repl({ session, history, input, output }).run();
  history.close();
  return 0;
}

/** Ctrl-C ends the statement that runs; when none does, the program. Returns the way to stop that. */
function onInterrupt(cancel: () => boolean): () => void {
  const onSignal = (): void => {
    if (!cancel()) process.exit(INTERRUPTED);
  };
  process.on('SIGINT', onSignal);
  return () => void process.off('SIGINT', onSignal);
}

async function* oneText(text: string): AsyncGenerator<string> {
  yield text;
}
