/** The configuration as people read it: `show variables`, `taosd -C`, and the start of the log. */
import type { Config, ParameterName } from './parameters.ts';
import { hasFlag, parameterNames, parameters } from './parameters.ts';

/** Longest name and value that `show variables` has room for (column_meta 24 and 41 count two more). */
const MAX_NAME = 22;
const MAX_VALUE = 39;

/** Column of the values in the dump. */
const NAME_WIDTH = 23;

/** Name and value rows in the order of the real server: the table backwards. `epochMs` decides the zone's offset. */
export function showVariables(config: Config, epochMs = 0): [name: string, value: string][] {
  return parameterNames
    .filter((name) => hasFlag(name, 'show') && name !== 'serverPort') // 2.1.2 leaves the port out
    .map((name): [string, string] => [
      name.slice(0, MAX_NAME),
      shownValue(config, name, epochMs).slice(0, MAX_VALUE),
    ])
    .reverse();
}

/** The lines of `taosd -C`: first what `show variables` shows, then the rest. */
export function dumpConfig(config: Config, epochMs = 0): string[] {
  const rule = '==================================';
  const shown = parameterNames.filter((name) => !hasFlag(name, 'hidden'));
  const line = (name: ParameterName): string => dumpLine(config, name, epochMs);
  return [
    'taos global config:',
    rule,
    ...shown.filter((name) => hasFlag(name, 'show')).map(line),
    '',
    'taos local config:',
    rule,
    ...shown.filter((name) => !hasFlag(name, 'show')).map(line),
  ];
}

/** One line ` name:   value(unit)`, as the log prints it at the start too. */
export function dumpLine(config: Config, name: ParameterName, epochMs = 0): string {
  const unit = parameters[name].unit === '' ? ' ' : `(${parameters[name].unit})`;
  return ` ${`${name}:`.padEnd(NAME_WIDTH + 1)}${shownValue(config, name, epochMs)}${unit}`;
}

/** Asia/Shanghai gives `Asia/Shanghai (CST, +0800)`, UTC gives `(UTC, +0000)`. */
export function timeZoneLabel(timezone: string, epochMs: number): string {
  const posix = /^(?:UTC|GMT)([+-])(\d{1,2}):?(\d{2})?$/iu.exec(timezone);
  if (posix !== null) {
    const sign = posix[1] === '-' ? '+' : '-'; // POSIX counts hours west
    return `${timezone} (UTC, ${sign}${posix[2]!.padStart(2, '0')}${posix[3] ?? '00'})`;
  }
  if (/^(UTC|GMT|Etc\/UTC)$/iu.test(timezone)) return '(UTC, +0000)';
  const offset = zonePart(timezone, 'longOffset', epochMs).replace('GMT', '').replace(':', '');
  const short = zonePart(timezone, 'short', epochMs);
  const name = /^[A-Z]+$/u.test(short) ? short : zoneInitials(timezone, epochMs);
  return `${timezone} (${name}, ${offset === '' ? '+0000' : offset})`;
}

function zonePart(
  timeZone: string,
  style: 'short' | 'long' | 'longOffset',
  epochMs: number,
): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: style }).formatToParts(
    epochMs,
  );
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}

/** China Standard Time gives CST. */
function zoneInitials(timezone: string, epochMs: number): string {
  const words = zonePart(timezone, 'long', epochMs).split(/[\s-]+/u);
  return words
    .map((word) => word[0] ?? '')
    .join('')
    .toUpperCase();
}

function shownValue(config: Config, name: ParameterName, epochMs: number): string {
  const value = config[name];
  if (name === 'timezone') return timeZoneLabel(String(value), epochMs);
  if (hasFlag(name, 'secret')) return '******';
  return parameters[name].type === 'float' ? Number(value).toFixed(6) : String(value);
}
