/**
 * Options of `create database` and `alter database`: ranges, and which refusal comes from where. TDengine's
 * client refuses some with 512 and a sentence, its server the others with 898, 913 or 820.
 */
import {
  ErrorCode,
  TaosError,
  invalidOperation,
  syntaxError,
  type DbOptions,
  type Precision,
} from '@tdnode/common';
import type { Option } from '@tdnode/sql';

type NumberOption = Exclude<keyof DbOptions, 'keep' | 'precision'>;

interface OptionRule {
  readonly field: NumberOption | 'commitTime';
  readonly min: number;
  readonly max: number;
  /** The name in the client's refusal; undefined: the server refuses, with 898. */
  readonly clientName?: string;
  /** Whether `alter database` takes it. */
  readonly alter: boolean;
}

/** By the option's name in SQL. */
const rules: Readonly<Record<string, OptionRule>> = {
  replica: { field: 'replica', min: 1, max: 3, clientName: 'replications', alter: true },
  quorum: { field: 'quorum', min: 1, max: 2, clientName: 'quorum', alter: true },
  days: { field: 'days', min: 1, max: 3650, clientName: 'daysPerFile', alter: false },
  cache: { field: 'cache', min: 1, max: 128, clientName: 'cacheBlockSize', alter: false },
  ctime: { field: 'commitTime', min: 30, max: 40_960, clientName: 'commitTime', alter: false },
  fsync: { field: 'fsync', min: 0, max: 180_000, clientName: 'fsyncPeriod', alter: true },
  comp: { field: 'comp', min: 0, max: 2, clientName: 'compression', alter: true },
  wal: { field: 'walLevel', min: 0, max: 2, clientName: 'walLevel', alter: true },
  blocks: { field: 'blocks', min: 3, max: 10_000, alter: true },
  minrows: { field: 'minRows', min: 10, max: 1000, alter: false },
  maxrows: { field: 'maxRows', min: 200, max: 10_000, alter: false },
  update: { field: 'update', min: 0, max: 1, alter: true },
  cachelast: { field: 'cacheLast', min: 0, max: 3, alter: true },
};

const KEEP_MAX = 365_000;
const precisions: readonly Precision[] = ['ms', 'us', 'ns'];

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Changes = Partial<Mutable<DbOptions>>;

/** The options of a new database. `dnodes`: how many hosts there are for replicas. */
export function newOptions(
  defaults: DbOptions,
  written: readonly Option[],
  dnodes: number,
): DbOptions {
  const options: DbOptions = { ...defaults, ...readOptions(written, false) };
  if (options.minRows > options.maxRows)
    throw invalidOption(`minrows ${options.minRows} is above maxrows ${options.maxRows}`);
  checkKeep(options);
  if (options.replica > dnodes)
    throw invalidOption(`replica ${options.replica} with ${dnodes} dnodes`);
  if (options.quorum > options.replica)
    throw invalidOption(`quorum ${options.quorum} with replica ${options.replica}`);
  return options;
}

/** Reads the options of an alteration (throws 512 and 898); the result applies them to a database's. */
export function changeOptions(
  written: readonly Option[],
): (before: DbOptions, dnodes: number) => DbOptions {
  const changes = readOptions(written, true);
  return (before, dnodes) => {
    if (changes.walLevel === 0) delete changes.walLevel;
    if (changes.keep !== undefined)
      changes.keep = [changes.keep[0], changes.keep[0], changes.keep[0]];
    const after: DbOptions = { ...before, ...changes };
    checkKeep(after);
    if (after.update !== before.update) throw invalidOption('update cannot be changed');
    if (after.quorum > after.replica)
      throw invalidOption(`quorum ${after.quorum} with replica ${after.replica}`);
    if (after.replica > Math.max(dnodes, before.replica)) {
      throw new TaosError(ErrorCode.MND_NO_ENOUGH_DNODES, undefined, {
        detail: `replica ${after.replica} with ${dnodes} dnodes`,
      });
    }
    return after;
  };
}

/** The last of several options of one name counts. Client refusals come before the server's. */
function readOptions(written: readonly Option[], alter: boolean): Changes {
  const changes: Changes = {};
  let refused: TaosError | undefined;
  for (const option of written) {
    if (option.name === 'keep') {
      changes.keep = readKeep(option);
    } else if (option.name === 'precision' && !alter) {
      changes.precision = readPrecision(option);
    } else {
      const rule = Object.hasOwn(rules, option.name) ? rules[option.name]! : undefined;
      if (rule === undefined || (alter && !rule.alter))
        throw syntaxError(`unknown option ${option.name}`, option.start);
      const value = int32(option);
      const outside = value < rule.min || value > rule.max;
      if (outside && rule.clientName !== undefined) throw clientRefusal(rule, value);
      if (outside)
        refused ??= invalidOption(
          `${option.name} ${value}, valid range: [${rule.min}, ${rule.max}]`,
        );
      if (rule.field !== 'commitTime') changes[rule.field] = value;
    }
  }
  if (refused !== undefined) throw refused;
  return changes;
}

function clientRefusal(rule: OptionRule, value: number): TaosError {
  const allowed =
    rule.field === 'walLevel' ? ', only 1-2 allowed' : ` valid range: [${rule.min}, ${rule.max}]`;
  return invalidOperation(`invalid db option ${rule.clientName}: ${value}${allowed}`);
}

/** TDengine reads option values as 32-bit integers that wrap around. */
function int32(option: Option): number {
  const literal = option.values[0];
  if (
    literal === undefined ||
    option.values.length > 1 ||
    literal.form !== 'integer' ||
    literal.text.startsWith('-')
  ) {
    throw syntaxError(`${option.name} takes one whole number`, option.start);
  }
  return Number(BigInt.asIntN(32, BigInt(literal.text)));
}

function readKeep(option: Option): [number, number, number] {
  const days = option.values.map((literal) => Number(literal.text));
  if (days.length > 3 || days.some((value) => !Number.isInteger(value) || value <= 0)) {
    throw invalidOperation('invalid number of options');
  }
  const [first, second = first, third = second] = days as [number, number?, number?];
  return [first, second, third];
}

/** All three have to be one number here: this edition keeps all data equally long. */
function checkKeep({ keep, days }: DbOptions): void {
  const [keep0, keep1, keep2] = keep;
  if (keep0 !== keep1 || keep1 !== keep2 || keep0 < days || keep0 > KEEP_MAX) {
    throw new TaosError(ErrorCode.MND_INVALID_DB_OPTION_KEEP, undefined, {
      detail: `keep ${keep.join(',')} with days ${days}: one number from days to ${KEEP_MAX}`,
    });
  }
}

function readPrecision(option: Option): Precision {
  const [literal] = option.values;
  if (literal === undefined || literal.form !== 'string')
    throw syntaxError('precision takes a quoted word', option.start);
  const precision = precisions.find((known) => known === literal.text);
  if (precision === undefined) throw invalidOperation('invalid time precision', literal.text);
  return precision;
}

function invalidOption(detail: string): TaosError {
  return new TaosError(ErrorCode.MND_INVALID_DB_OPTION, undefined, { detail });
}
