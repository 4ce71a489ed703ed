/** The command line, as 2.1.2 takes it, and some options of ours. */
import { DumpError } from './dump-error.ts';

/** Where and as whom. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly configDir: string | undefined;
}

/** What all runs share. */
interface Common {
  readonly connection: Connection;
  readonly resultFile: string;
  readonly threads: number;
  /** undefined: all. */
  readonly databases: readonly string[] | undefined;
}

/** Cluster to files. */
export interface OutCommand extends Common {
  readonly kind: 'out';
  readonly folder: string;
  readonly tables: readonly string[] | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly schemaOnly: boolean;
  readonly withoutProperties: boolean;
  readonly withSystem: boolean;
  /** 0: as the number of tables suggests. */
  readonly tablesPerFile: number;
  readonly format: 'parquet' | 'csv';
}

/** Files to cluster. */
export interface InCommand extends Common {
  readonly kind: 'in';
  readonly folder: string;
  readonly schemaOnly: boolean;
  readonly rowsPerStatement: number;
  readonly maxSqlBytes: number;
  /** undefined: beside the dump. */
  readonly stateFile: string | undefined;
}

/** `check`: files against the manifest; `verify`: the cluster's tables too. */
export interface VerifyCommand extends Common {
  readonly kind: 'check' | 'verify';
  readonly folder: string;
}

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | OutCommand
  | InCommand
  | VerifyCommand;

/** Short and long names of options with a value. */
const VALUED: Readonly<Record<string, string>> = {
  host: 'h',
  user: 'u',
  password: 'p',
  port: 'P',
  mysqlFlag: 'q',
  outpath: 'o',
  inpath: 'i',
  resultFile: 'r',
  'config-dir': 'c',
  config: 'c',
  encode: 'e',
  'start-time': 'S',
  'end-time': 'E',
  'data-batch': 'B',
  'max-sql-len': 'L',
  'table-batch': 't',
  'thread-num': 'T',
  thread_num: 'T',
  state: 'state',
};
/** Options without one. */
const FLAGS: Readonly<Record<string, string>> = {
  'all-databases': 'A',
  databases: 'D',
  schemaonly: 's',
  'without-property': 'N',
  'allow-sys': 'a',
  debug: 'g',
  avro: 'v',
  csv: 'csv',
  check: 'check',
  verify: 'verify',
  help: '?',
  version: 'V',
};

const MAX_SQL_BYTES = 1_048_576;
const MAX_ROWS = 32_766;

interface Words {
  readonly values: ReadonlyMap<string, string>;
  readonly names: readonly string[];
}

/** Parses the words behind the program's name; throws DumpError. */
export function parseArguments(words: readonly string[]): Command {
  const read = readWords(words);
  const { values, names } = read;
  if (values.has('?')) return { kind: 'help' };
  if (values.has('V')) return { kind: 'version' };
  const encode = values.get('e') ?? 'UTF-8';
  if (!/^utf-?8$/i.test(encode)) throw new DumpError(`-e ${encode}: dumps are UTF-8`);
  if (values.has('v')) {
    throw new DumpError('-v: Avro is not written, files are Parquet; --csv writes CSV');
  }
  const inpath = values.get('i');
  const outpath = values.get('o');
  if (inpath !== undefined && outpath !== undefined) {
    throw new DumpError('-i reads a dump and -o writes one: one of them at a time');
  }
  if (inpath !== undefined) return inCommand(read, inpath);
  if (values.has('verify') || values.has('check')) {
    throw new DumpError('--verify and --check want the folder of a dump, -i <folder>');
  }
  if (names.length === 0 && !values.has('A')) {
    throw new DumpError(
      'say what to dump: -A for all databases, -D <databases>, or <database> [tables]',
    );
  }
  return outCommand(read, outpath ?? '.');
}

function outCommand({ values, names }: Words, folder: string): OutCommand {
  const isList = values.has('D');
  const all = values.has('A');
  return {
    kind: 'out',
    ...commonOf({ values, names }),
    folder,
    databases: all ? undefined : isList ? names : names.slice(0, 1),
    tables: all || isList || names.length < 2 ? undefined : names.slice(1),
    from: values.get('S'),
    to: values.get('E'),
    schemaOnly: values.has('s'),
    withoutProperties: values.has('N'),
    withSystem: values.has('a'),
    tablesPerFile: count(values, 't', { least: 1, most: 1_000_000, otherwise: 0 }),
    format: values.has('csv') ? 'csv' : 'parquet',
  };
}

function inCommand({ values, names }: Words, folder: string): InCommand | VerifyCommand {
  const common = { ...commonOf({ values, names }), folder };
  if (values.has('check')) return { kind: 'check', ...common };
  if (values.has('verify')) return { kind: 'verify', ...common };
  return {
    kind: 'in',
    ...common,
    schemaOnly: values.has('s'),
    rowsPerStatement: count(values, 'B', { least: 1, most: MAX_ROWS, otherwise: MAX_ROWS }),
    maxSqlBytes: count(values, 'L', { least: 1024, most: MAX_SQL_BYTES, otherwise: MAX_SQL_BYTES }),
    stateFile: values.get('state'),
  };
}

function commonOf({ values, names }: Words): Common {
  return {
    connection: {
      host: values.get('h') ?? '127.0.0.1',
      port: count(values, 'P', { least: 1, most: 65_535, otherwise: 6030 }),
      user: values.get('u') ?? 'root',
      password: values.get('p') ?? 'taosdata',
      configDir: values.get('c'),
    },
    resultFile: values.get('r') ?? './dump_result.txt',
    threads: count(values, 'T', { least: 1, most: 256, otherwise: 5 }),
    databases: names.length === 0 ? undefined : names,
  };
}

/** Options by their short names, and the words that are none, at commas apart. */
function readWords(words: readonly string[]): Words {
  const values = new Map<string, string>();
  const names: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (!word.startsWith('-') || word === '-') {
      names.push(
        ...word
          .split(',')
          .filter((name) => name !== '')
          .map((name) => name.toLowerCase()),
      );
      continue;
    }
    const { option, value } = word.startsWith('--') ? longOption(word) : shortOption(word);
    if (Object.values(FLAGS).includes(option)) {
      values.set(option, '');
      // As 2.1.2 takes it, -D is a flag before names; as later ones do, it has them as its value.
      if (value !== undefined) names.push(...value.toLowerCase().split(','));
      continue;
    }
    const given = value ?? words[++i];
    if (given === undefined) throw new DumpError(`option ${word} needs a value`);
    values.set(option, given);
  }
  return { values, names };
}

interface Option {
  readonly option: string;
  readonly value: string | undefined;
}

function longOption(word: string): Option {
  const [name = '', ...rest] = word.slice(2).split('=');
  const option = VALUED[name] ?? FLAGS[name];
  if (option === undefined) throw unknown(word);
  return { option, value: rest.length === 0 ? undefined : rest.join('=') };
}

function shortOption(word: string): Option {
  const option = word.slice(1, 2);
  const value = word.length > 2 ? word.slice(2) : undefined;
  const known = [...Object.values(VALUED), ...Object.values(FLAGS)];
  if (!known.includes(option)) throw unknown(word);
  const isFlag = Object.values(FLAGS).includes(option) && option !== 'D';
  if (isFlag && value !== undefined) throw unknown(word);
  return { option, value };
}

function unknown(word: string): DumpError {
  return new DumpError(`${word} is not an option; taosdump --help lists them`);
}

function count(
  values: ReadonlyMap<string, string>,
  option: string,
  {
    least,
    most,
    otherwise,
  }: { readonly least: number; readonly most: number; readonly otherwise: number },
): number {
  const text = values.get(option);
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new DumpError(`option -${option}: ${text} is not a whole number from ${least} to ${most}`);
}
