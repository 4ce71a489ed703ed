/**
 * Time stamps as REST and the shell print them: `2021-01-01 00:00:00.123` (local), or with `T` and zone
 * `2021-01-01T00:00:00.123+0800` (utc); 3, 6 or 9 digits by precision.
 *
 * Before 1970 the recorded server divides towards zero and prints the remainder in `%03d`, cut to its width:
 * -1 ms is `1970-01-01 00:00:00.-01`, -1987 ms is `1969-12-31 23:59:59.-98`. Clients know it, so it stays; times in
 * nanoseconds, which that server did not have, are printed as they are.
 *
 * The formatter writes bytes into the caller's buffer and remembers the last day: a run of ascending times
 * costs a few divisions each. Invariants: the remembered offset holds for a whole UTC day (days in which the
 * zone changes are never remembered); at least MAX_TIMESTAMP_BYTES are free at `at`.
 */
import type { Precision } from '../types/schema.ts';
import { civilDay, civilFromDays, civilMonth, civilYear } from './civil.ts';
import type { TimeZone } from './time-zone.ts';

/** `local`: `YYYY-MM-DD HH:MM:SS.mmm`; `utc`: with `T` and the zone's `+hhmm`. */
export type TimestampStyle = 'local' | 'utc';

/** Room that one time stamp may take: 7 digits of year, 9 of fraction, the zone, and some to spare. */
export const MAX_TIMESTAMP_BYTES = 48;

const DAY_SECONDS = 86_400;
const ZERO = 48;

/** Ticks a second and digits of the fraction, by precision. */
const scales = {
  ms: { ticks: 1e3, digits: 3 },
  us: { ticks: 1e6, digits: 6 },
  ns: { ticks: 1e9, digits: 9 },
} as const;

/** Writes time stamps of one precision in one zone and style; keeps a cache, so one user at a time. */
export class TimestampFormatter {
  readonly #zone: TimeZone;
  readonly #ticks: number;
  readonly #digits: number;
  readonly #withZone: boolean;
  readonly #date = new Uint8Array(16);
  #dateBytes = 0;
  #localDay = Number.NaN;
  #utcDay = Number.NaN;
  #dayOffset = 0;

  constructor(zone: TimeZone, precision: Precision, style: TimestampStyle) {
    this.#zone = zone;
    this.#ticks = scales[precision].ticks;
    this.#digits = scales[precision].digits;
    this.#withZone = style === 'utc';
  }

  /** Writes the bytes of `ticks` (whole, within ±2⁵³) at `at`; returns the position behind them. */
  write(target: Uint8Array, at: number, ticks: number): number {
    const seconds = Math.trunc(ticks / this.#ticks);
    return this.#writeParts(target, at, seconds, ticks - seconds * this.#ticks);
  }

  /** As `write`, for ticks beyond ±2⁵³ (nanoseconds). */
  writeWide(target: Uint8Array, at: number, ticks: bigint): number {
    const unit = BigInt(this.#ticks);
    const rest = ticks % unit;
    // Nanoseconds have no recorded form before 1970: theirs is the sound one.
    const isBefore = rest < 0n && this.#digits === 9;
    const seconds = Number(ticks / unit) - (isBefore ? 1 : 0);
    return this.#writeParts(target, at, seconds, Number(isBefore ? rest + unit : rest));
  }

  #writeParts(target: Uint8Array, at: number, seconds: number, fraction: number): number {
    const offset = this.#offsetSeconds(seconds);
    const local = seconds + offset;
    const day = Math.floor(local / DAY_SECONDS);
    if (day !== this.#localDay) this.#rememberDate(day);
    let p = at;
    const date = this.#date;
    for (let i = 0; i < this.#dateBytes; i++) target[p++] = date[i]!;
    const rest = local - day * DAY_SECONDS;
    const hours = (rest / 3600) | 0;
    const minutes = ((rest - hours * 3600) / 60) | 0;
    target[p] = this.#withZone ? 84 : 32; // T or blank
    putPair(target, p + 1, hours);
    target[p + 3] = 58;
    putPair(target, p + 4, minutes);
    target[p + 6] = 58;
    putPair(target, p + 7, rest - hours * 3600 - minutes * 60);
    target[p + 9] = 46;
    p = putFraction(target, p + 10, fraction, this.#digits);
    return this.#withZone ? putZone(target, p, offset) : p;
  }

  /** Seconds that local time is ahead of UTC at `seconds`. */
  #offsetSeconds(seconds: number): number {
    const day = Math.floor(seconds / DAY_SECONDS);
    if (day === this.#utcDay) return this.#dayOffset;
    const first = this.#zone.offsetMs(day * DAY_SECONDS * 1000);
    const last = this.#zone.offsetMs(((day + 1) * DAY_SECONDS - 1) * 1000);
    if (first !== last) return Math.trunc(this.#zone.offsetMs(seconds * 1000) / 1000);
    this.#utcDay = day;
    this.#dayOffset = Math.trunc(first / 1000);
    return this.#dayOffset;
  }

  #rememberDate(day: number): void {
    const civil = civilFromDays(day);
    const year = civilYear(civil);
    const sign = year < 0 ? '-' : '';
    const text = `${sign}${String(Math.abs(year)).padStart(4, '0')}-00-00`;
    for (let i = 0; i < text.length; i++) this.#date[i] = text.charCodeAt(i);
    putPair(this.#date, text.length - 5, civilMonth(civil));
    putPair(this.#date, text.length - 2, civilDay(civil));
    this.#dateBytes = text.length;
    this.#localDay = day;
  }
}

/** One time stamp as text, for cold paths. */
export function formatTimestamp(
  ticks: number | bigint,
  precision: Precision,
  zone: TimeZone,
  style: TimestampStyle = 'local',
): string {
  const target = new Uint8Array(MAX_TIMESTAMP_BYTES);
  const formatter = new TimestampFormatter(zone, precision, style);
  const end =
    typeof ticks === 'bigint'
      ? formatter.writeWide(target, 0, ticks)
      : formatter.write(target, 0, ticks);
  return String.fromCharCode(...target.subarray(0, end));
}

function putPair(target: Uint8Array, at: number, value: number): void {
  const tens = (value / 10) | 0;
  target[at] = ZERO + tens;
  target[at + 1] = ZERO + value - tens * 10;
}

/** `%0<digits>d`, cut to `digits` bytes: a minus takes the room of a digit. */
function putFraction(target: Uint8Array, at: number, fraction: number, digits: number): number {
  if (fraction < 0) {
    const text = String(-fraction).padStart(digits - 1, '0');
    target[at] = 45;
    for (let i = 1; i < digits; i++) target[at + i] = text.charCodeAt(i - 1);
    return at + digits;
  }
  let rest = fraction;
  for (let i = digits - 1; i >= 0; i--) {
    const tenth = (rest / 10) | 0;
    target[at + i] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return at + digits;
}

/** `+hhmm`. */
function putZone(target: Uint8Array, at: number, offsetSeconds: number): number {
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60);
  target[at] = offsetSeconds < 0 ? 45 : 43;
  const hours = (minutes / 60) | 0;
  putPair(target, at + 1, hours);
  putPair(target, at + 3, minutes - hours * 60);
  return at + 5;
}
