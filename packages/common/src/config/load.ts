/**
 * Reads taos.cfg: lines `name value…`, `#` starts a comment, names in any case, `@value with blanks@` keeps
 * blanks. Pure: text in, values and problems out.
 *
 * What is wrong never goes by silently, and each problem names file, line, name, value and what is allowed:
 *   - a name that nobody knows: a warning with the nearest name;
 *   - a number or a text out of range: a warning, the default stays (as in 2.1.2);
 *   - a value of the wrong type: an error, the server refuses to start.
 * The last of two lines with the same name counts.
 */
import type { HostDefaults } from './host.ts';
import { nearestName } from './nearest-name.ts';
import type { Config, NumberParameter, Parameter, ParameterName } from './parameters.ts';
import { hasFlag, parameterNames, parameters } from './parameters.ts';

/** One finding about one line. */
export interface ConfigProblem {
  readonly level: 'warning' | 'error';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly name: string;
  readonly value: string;
  /** What is wrong, what is allowed, what happens now. */
  readonly text: string;
}

/** What a file comes to. */
export interface LoadedConfig {
  readonly config: Config;
  readonly problems: readonly ConfigProblem[];
  /** Parameters that the file set validly. */
  readonly set: ReadonlySet<ParameterName>;
}

type Values = { -readonly [N in ParameterName]: string | number };

const byLowerName = new Map(parameterNames.map((name) => [name.toLowerCase(), name]));

/** Parses the text of taos.cfg; `fileName` goes into the problems. */
export function parseConfig(text: string, fileName: string, host: HostDefaults): LoadedConfig {
  const values = tableDefaults();
  const problems: ConfigProblem[] = [];
  const set = new Set<ParameterName>();
  for (const [index, content] of text.split('\n').entries()) {
    const tokens = tokensOf(content);
    const [name, ...rest] = tokens;
    if (name === undefined) continue;
    const value = rest[0] ?? '';
    const known = byLowerName.get(name.toLowerCase());
    const problem = known === undefined ? unknownName(name) : readValue(values, known, value);
    if (problem === undefined) set.add(known!);
    else problems.push({ file: fileName, line: index + 1, name, value, ...problem });
  }
  return { config: completed(values, host), problems, set };
}

/** The configuration of an empty file with some values replaced: for tests and tools. */
export function defaultConfig(overrides: Partial<Config> = {}, host?: HostDefaults): Config {
  const values = tableDefaults();
  Object.assign(values, overrides);
  return completed(values, host ?? { fqdn: 'localhost', timezone: 'UTC', locale: 'C.UTF-8' });
}

/** One line as the log shows it, which has a column for the level. */
export function describeProblem(problem: ConfigProblem): string {
  const { file, line, name, value, text } = problem;
  return `${file}:${line}: ${name}${value === '' ? '' : ` ${value}`}: ${text}`;
}

/** One line as the terminal shows it. */
export function formatProblem(problem: ConfigProblem): string {
  return `${problem.level}: ${describeProblem(problem)}`;
}

/** Words of a line: blanks part them, `#` ends the line, `@…@` is one word. */
function tokensOf(line: string): string[] {
  const tokens: string[] = [];
  const pattern = /@([^@]*)@|#.*|[^\s#@][^\s#]*/gu;
  for (const match of line.matchAll(pattern)) {
    if (match[0].startsWith('#')) break;
    tokens.push(match[1] ?? match[0]);
  }
  return tokens;
}

type Finding = Pick<ConfigProblem, 'level' | 'text'>;

function unknownName(name: string): Finding {
  const nearest = nearestName(name, parameterNames);
  const hint = nearest === undefined ? '' : `; the nearest is ${nearest}`;
  return { level: 'warning', text: `no such parameter, the line is ignored${hint}` };
}

/** Stores the value, or says why not. */
function readValue(values: Values, name: ParameterName, value: string): Finding | undefined {
  const row: Parameter = parameters[name];
  if (hasFlag(name, 'fixed')) {
    return {
      level: 'warning',
      text: 'belongs to the build and cannot be set, the line is ignored',
    };
  }
  if (value === '') return { level: 'warning', text: 'no value, the line is ignored' };
  if (row.kind === 'number') return readNumber(values, name, row, value);
  if (Buffer.byteLength(value) > row.maxLength) {
    const shown = row.default === '' ? 'the default' : `the default ${row.default}`;
    return { level: 'warning', text: `at most ${row.maxLength} bytes are allowed, ${shown} stays` };
  }
  if (name === 'timezone' && !isZone(value)) {
    return { level: 'error', text: 'neither an IANA zone (Asia/Shanghai) nor of the form UTC-8' };
  }
  values[name] = value;
  return undefined;
}

function readNumber(
  values: Values,
  name: ParameterName,
  row: NumberParameter,
  value: string,
): Finding | undefined {
  const pattern = row.type === 'float' ? /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/iu : /^[+-]?\d+$/u;
  const range = `${row.min} to ${row.max}`;
  if (!pattern.test(value)) {
    const what = row.type === 'float' ? 'a number' : 'a whole number';
    return { level: 'error', text: `${what} from ${range} is wanted` };
  }
  const number = Number(value);
  if (number < row.min || number > row.max) {
    const text = `${range} is allowed, the default ${row.default} stays`;
    return { level: 'warning', text };
  }
  values[name] = number;
  return undefined;
}

/** IANA as the runtime knows it, or `UTC` with hours (and minutes) in POSIX sign. */
function isZone(name: string): boolean {
  if (/^(UTC|GMT)([+-]\d{1,2}(:?[0-5]\d)?)?$/iu.test(name)) return true;
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false; // RangeError: the runtime's way of saying no
  }
}

function tableDefaults(): Values {
  const entries = parameterNames.map((name) => [name, parameters[name].default]);
  return Object.fromEntries(entries) as Values;
}

/** Fills in what depends on the host and on other values. */
function completed(values: Values, host: HostDefaults): Config {
  values.fqdn ||= host.fqdn;
  values.timezone ||= host.timezone;
  values.locale ||= host.locale;
  values.charset ||= charsetOf(String(values.locale));
  const own = `${values.fqdn}:${values.serverPort}`;
  values.firstEp = endPoint(String(values.firstEp), values.serverPort) || own;
  values.secondEp = endPoint(String(values.secondEp), values.serverPort) || own;
  return values as Config; // every value was checked against its row
}

function charsetOf(locale: string): string {
  const name = locale.split('.')[1] ?? 'UTF-8';
  return /^utf-?8$/iu.test(name) ? 'UTF-8' : name;
}

/** A bare host name means the own port. */
function endPoint(text: string, port: string | number): string {
  return text === '' || text.includes(':') ? text : `${text}:${port}`;
}
