/**
 * The command line, read as `argp` reads it: `-h host`, `-hhost`, `--host host`, `--host=host`, `-rs 'show dnodes'`.
 * `-p` takes a value only when it is glued to it: `-ptaosdata`. Pure.
 */
import { options, type Option, type OptionName } from './usage.ts';

/** What a network test does; `startup` is what scripts wait for. */
export const netRoles = ['client', 'server', 'rpc', 'startup', 'sync'] as const;
/** See `netRoles`. */
export type NetRole = (typeof netRoles)[number];

/** What the command line says; undefined: nothing. */
export interface Arguments {
  readonly host?: string;
  readonly port?: number;
  readonly user: string;
  /** `ask`: from the terminal. */
  readonly password: string | { readonly ask: true };
  readonly database?: string;
  readonly configPath?: string;
  readonly commands?: string;
  readonly file?: string;
  readonly directory?: string;
  readonly threads: number;
  readonly timezone?: string;
  readonly netRole?: NetRole;
  readonly packetBytes: number;
  readonly isCheck: boolean;
  readonly isDump: boolean;
  readonly isRawTime: boolean;
  readonly isStrict: boolean;
}

/** What to do. */
export type Command =
  | { readonly kind: 'run'; readonly arguments: Arguments }
  | { readonly kind: 'version' | 'help' }
  | { readonly kind: 'wrong'; readonly text: string };

const DEFAULT_USER = 'root';
const DEFAULT_PASSWORD = 'taosdata';
const DEFAULT_THREADS = 5;
const DEFAULT_PACKET_BYTES = 1000;
const MAX_PACKET_BYTES = 1024 * 1024;
const MAX_THREADS = 128;
const MAX_PORT = 65_535;

type Given = Map<OptionName, string>;

/** A command line that cannot be read. */
class WrongError extends Error {}

/** Reads the words behind the program's name. */
export function parseArguments(words: readonly string[]): Command {
  try {
    const given = read(words);
    if (given.has('help')) return { kind: 'help' };
    if (given.has('version')) return { kind: 'version' };
    if (given.has('auth')) throw new WrongError('-A is not supported: use -u and -p');
    return { kind: 'run', arguments: argumentsOf(given) };
  } catch (error) {
    if (error instanceof WrongError) return { kind: 'wrong', text: error.message };
    throw error;
  }
}

function read(words: readonly string[]): Given {
  const given: Given = new Map();
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word.startsWith('--')) readLong(word.slice(2), rest, given);
    else if (word.startsWith('-') && word.length > 1) readLetters(word.slice(1), rest, given);
    else throw new WrongError(`unexpected word ${word}`);
  }
  return given;
}

function readLong(word: string, rest: string[], given: Given): void {
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  const option = options.find(({ long }) => long === name);
  if (option === undefined) throw new WrongError(`unknown option --${name}`);
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  if (option.argument === 'none' && value !== undefined)
    throw new WrongError(`option --${name} takes no value`);
  given.set(option.long, value ?? (option.argument === 'value' ? next(`--${name}`, rest) : ''));
}

function readLetters(letters: string, rest: string[], given: Given): void {
  for (let i = 0; i < letters.length; i++) {
    const letter = letters[i]!;
    const option = options.find((one: Option) => one.letter === letter);
    if (option === undefined) throw new WrongError(`unknown option -${letter}`);
    const glued = letters.slice(i + 1);
    if (option.argument === 'none') {
      given.set(option.long, '');
      continue;
    }
    given.set(
      option.long,
      glued === '' && option.argument === 'value' ? next(`-${letter}`, rest) : glued,
    );
    return;
  }
}

function next(option: string, rest: string[]): string {
  const value = rest.shift();
  if (value === undefined) throw new WrongError(`option ${option} needs a value`);
  return value;
}

function argumentsOf(given: Given): Arguments {
  const password = given.get('password') ?? DEFAULT_PASSWORD;
  return {
    user: given.get('user') ?? DEFAULT_USER,
    password: password === '' ? { ask: true } : password,
    threads: number(given, 'thread', MAX_THREADS) ?? DEFAULT_THREADS,
    packetBytes: number(given, 'pktlen', MAX_PACKET_BYTES) ?? DEFAULT_PACKET_BYTES,
    isCheck: given.has('check'),
    isDump: given.has('dump-config'),
    isRawTime: given.has('raw-time'),
    isStrict: given.has('strict'),
    ...field('host', given.get('host')),
    ...field('port', number(given, 'port', MAX_PORT)),
    ...field('database', given.get('database')),
    ...field('configPath', given.get('config-dir')),
    ...field('commands', given.get('commands')),
    ...field('file', given.get('file')),
    ...field('directory', given.get('directory')),
    ...field('timezone', given.get('timezone')),
    ...field('netRole', roleOf(given.get('netrole'))),
  };
}

/** A field, where there is a value for it. */
function field<K extends string, V>(name: K, value: V | undefined): { readonly [k in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [k in K]: V });
}

function number(given: Given, name: OptionName, most: number): number | undefined {
  const text = given.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > most)
    throw new WrongError(`option --${name} wants a number from 1 to ${most}, not ${text}`);
  return value;
}

function roleOf(text: string | undefined): NetRole | undefined {
  if (text === undefined) return undefined;
  const role = netRoles.find((one) => one === text);
  if (role === undefined)
    throw new WrongError(`option --netrole wants ${netRoles.join(', ')}, not ${text}`);
  return role;
}
