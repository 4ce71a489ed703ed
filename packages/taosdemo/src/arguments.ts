/**
 * The command line, as 2.1.2 takes it. `-p` and `-P` have changed places between versions of taosdemo: a number is the
 * port and everything else the password, whichever letter stands before it; `--port` and `--password` say it outright.
 */
import { COLUMN_TYPES, type ColumnType, type Connection, type Job, type TableJob } from './job.ts';
import { JobError } from './job-error.ts';
import {
  DEFAULT_TABLES,
  MAX_COLUMNS,
  MAX_ROWS_PER_REQUEST,
  meterTags,
  plainColumns,
  plainTags,
} from './default-job.ts';

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  /** A JSON file says what to do; `force` holds what the command line says as well. */
  | { readonly kind: 'file'; readonly file: string; readonly force: Forced }
  | { readonly kind: 'job'; readonly job: Job };

/** What the command line may say beside `-f`. */
export interface Forced {
  readonly answersYes: boolean;
  readonly seed: number | undefined;
  readonly watchesVgroups: boolean;
}

/** Options with a value. */
const VALUED: readonly string[] =
  'f u c h d a m s o q b w l T i r t n B O R D I qt p P -seed -port -password'.split(' ');
/** Options without one. */
const FLAGS: readonly string[] = 'N x y g gg pp V -version -help ? -watch-vgroups'.split(' ');

const MAX_WIDTH = 16_374;
const DEFAULT_WIDTH = 16;
const DEFAULT_SEED = 1;
/** The most that there is: rows of 2017 pass the server's default of ten years in 2027. */
const KEEP_DAYS = 36_500;

type Values = ReadonlyMap<string, string>;

/** Parses the words behind the program's name; throws JobError. */
export function parseArguments(words: readonly string[]): Command {
  const values = readWords(words);
  if (values.has('-help') || values.has('?')) return { kind: 'help' };
  if (values.has('V') || values.has('-version')) return { kind: 'version' };
  const file = values.get('f');
  if (file === undefined) return { kind: 'job', job: jobOf(values) };
  const force = {
    answersYes: values.has('y'),
    seed: values.has('-seed') ? number(values, '-seed', { most: 2 ** 31 }) : undefined,
    watchesVgroups: values.has('-watch-vgroups'),
  };
  return { kind: 'file', file, force };
}

/** Option letter → value; a flag's value is empty. */
function readWords(words: readonly string[]): Values {
  const values = new Map<string, string>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const name = word.slice(1);
    if (word.startsWith('-') && FLAGS.includes(name)) {
      values.set(name, '');
      continue;
    }
    const option = VALUED.find((one) => one === name) ?? VALUED.find((one) => isGlued(name, one));
    if (!word.startsWith('-') || option === undefined) {
      throw new JobError(`${word} is not an option; taosdemo --help lists them`);
    }
    const value = name === option ? words[++i] : name.slice(option.length);
    if (value === undefined) throw new JobError(`option ${word} needs a value`);
    values.set(place(option, value), value);
  }
  return values;
}

/** `-T10`, `-ptaosdata`: one letter and its value in one word. */
function isGlued(name: string, option: string): boolean {
  return option.length === 1 && name.length > 1 && name.startsWith(option);
}

function place(option: string, value: string): string {
  if (option !== 'p' && option !== 'P') return option;
  return /^\d+$/.test(value) ? '-port' : '-password';
}

function jobOf(values: Values): Job {
  const connection = connectionOf(values);
  const script = values.get('s');
  if (script !== undefined)
    return { kind: 'script', connection, file: script, database: values.get('d') };
  const replica = number(values, 'a', { least: 1, most: 3, otherwise: 1 });
  return {
    kind: 'insert',
    connection,
    threads: number(values, 'T', { least: 1, most: 1000, otherwise: 10 }),
    createThreads: number(values, 'T', { least: 1, most: 1000, otherwise: 10 }),
    rowsPerRequest: number(values, 'r', {
      least: 1,
      most: MAX_ROWS_PER_REQUEST,
      otherwise: 30_000,
    }),
    resultFile: values.get('o') ?? './output.txt',
    seed: number(values, '-seed', { most: 2 ** 31, otherwise: DEFAULT_SEED }),
    asksFirst: !values.has('y'),
    watchesVgroups: values.has('-watch-vgroups'),
    thenAsks: values.has('x'),
    databases: [
      {
        name: values.get('d') ?? 'test',
        drop: number(values, 'D', { most: 3, otherwise: 1 }) !== 0,
        options: [
          ['replica', replica],
          ['keep', KEEP_DAYS],
        ],
        precision: 'ms',
        tables: [tablesOf(values)],
      },
    ],
  };
}

function connectionOf(values: Values): Connection {
  return {
    host: values.get('h') ?? '127.0.0.1',
    port: number(values, '-port', { least: 1, most: 65_535, otherwise: 6030 }),
    user: values.get('u') ?? 'root',
    password: values.get('-password') ?? 'taosdata',
    configDir: values.get('c'),
  };
}

function tablesOf(values: Values): TableJob {
  const any = Number.MAX_SAFE_INTEGER;
  return {
    ...DEFAULT_TABLES,
    ...columnsOf(values),
    isNormal: values.has('N'),
    prefix: values.get('m') ?? DEFAULT_TABLES.prefix,
    childCount: number(values, 't', { least: 1, most: any, otherwise: 10_000 }),
    insertRows: number(values, 'n', { most: any, otherwise: 10_000 }),
    interlaceRows: number(values, 'B', { most: MAX_ROWS_PER_REQUEST, otherwise: 0 }),
    intervalMs: number(values, 'i', { most: 86_400_000, otherwise: 0 }),
    disorderRatio: Math.min(50, number(values, 'O', { most: 100, otherwise: 0 })),
    disorderRange: number(values, 'R', { least: 1, most: 2 ** 31, otherwise: 1000 }),
    via: interfaceOf(values.get('I') ?? 'taosc', '-I'),
  };
}

/** Meters, unless `-b` or `-l` asks for other columns. */
function columnsOf(values: Values): Pick<TableJob, 'columns' | 'tags'> {
  const width = number(values, 'w', { least: 1, most: MAX_WIDTH, otherwise: DEFAULT_WIDTH });
  const types = values.get('b');
  if (types === undefined && !values.has('l')) {
    return { columns: DEFAULT_TABLES.columns, tags: meterTags(width) };
  }
  const named = types === undefined ? [] : types.split(',').map((word) => columnType(word, '-b'));
  const count = number(values, 'l', {
    least: 1,
    most: MAX_COLUMNS,
    otherwise: Math.max(named.length, 1),
  });
  return { columns: plainColumns(named, count, width), tags: plainTags(width) };
}

/** A column's type; `from` says who named it. */
export function columnType(word: string, from: string): ColumnType {
  const type = COLUMN_TYPES.find((one) => one === word.trim().toUpperCase());
  if (type !== undefined) return type;
  throw new JobError(`${from}: ${word.trim()} is not one of ${COLUMN_TYPES.join(', ')}`);
}

/** How rows travel; `from` says who named it. */
export function interfaceOf(word: string, from: string): 'taosc' | 'rest' {
  const name = word.toLowerCase();
  if (name === 'taosc' || name === 'rest') return name;
  if (name === 'stmt') {
    throw new JobError(
      `${from}: stmt is not offered, there are no prepared statements; take taosc or rest`,
    );
  }
  throw new JobError(`${from}: ${word} is not taosc or rest`);
}

interface Range {
  readonly least?: number;
  readonly most: number;
  /** Where the option is not given. */
  readonly otherwise?: number;
}

function number(values: Values, option: string, { least = 0, most, otherwise }: Range): number {
  const text = values.get(option);
  if (text === undefined) return otherwise ?? 0;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new JobError(`option -${option}: ${text} is not a whole number from ${least} to ${most}`);
  }
  return value;
}
