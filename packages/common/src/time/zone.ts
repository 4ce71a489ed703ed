/**
 * Time zones by name: IANA names through Intl, POSIX forms (`UTC-8` is eight hours EAST, `UTC+8` west),
 * and what TDengine prints, `Asia/Shanghai (CST, +0800)`, of which the first token counts.
 *
 * Intl is slow, so an IANA zone keeps what it learnt: time is cut into slots of twelve days, and a slot
 * knows its offset at the start, at the end, and the instant between where it changes. No zone changes
 * twice within twelve days.
 */
import { invalidOperation } from '../errors/taos-error.ts';
import { MS_PER_DAY } from './civil.ts';
import type { TimeZone } from './time-zone.ts';

const SLOT_MS = 12 * MS_PER_DAY;
/** Slots kept for one zone: 130 years' worth; all are forgotten when a query asks for more. */
const MAX_SLOTS = 4096;
/** Intl refuses instants beyond this (ECMA-262, Time Range). */
const MAX_INTL_MS = 8.64e15;

const zones = new Map<string, TimeZone>();
/** Names come from requests, so the cache is bounded. */
const MAX_ZONES = 1000;

/** The zone of that name; throws TaosError when there is none. */
export function timeZone(name: string): TimeZone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const token = name.trim().split(/[\s(]/, 1)[0]!;
  const zone = posixZone(token) ?? ianaZone(token);
  if (zones.size >= MAX_ZONES) zones.clear();
  zones.set(name, zone);
  return zone;
}

/**
 * The instant (ms since 1970) of a local time (ms as if it were UTC). Where clocks go back, the earlier of
 * the two instants; in the hour that they skip, as if they had not been changed yet.
 */
export function localToUtcMs(zone: TimeZone, localMs: number): number {
  const before = zone.offsetMs(localMs - MS_PER_DAY);
  const after = zone.offsetMs(localMs + MS_PER_DAY);
  const early = localMs - before;
  if (before === after && zone.offsetMs(early) === before) return early;
  if (zone.offsetMs(early) === before) return early;
  const late = localMs - after;
  return zone.offsetMs(late) === after ? late : early;
}

function posixZone(token: string): TimeZone | undefined {
  const match = /^(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]+>)([+-]?)(\d{1,2})(?::?(\d{2}))?$/.exec(token);
  if (match === null) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  if (minutes > 24 * 60) return undefined;
  return new FixedZone(token, (match[1] === '-' ? minutes : -minutes) * 60_000 + 0);
}

function ianaZone(token: string): TimeZone {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: token,
      timeZoneName: 'longOffset',
      year: 'numeric',
    });
    const { timeZone: canonical } = format.resolvedOptions();
    if (canonical === 'UTC') return new FixedZone(token, 0);
    return new IntlZone(token, format);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw invalidOperation(
      'invalid timezone',
      `'${token}' is neither an IANA time zone nor of the form UTC-8`,
    );
  }
}

class FixedZone implements TimeZone {
  readonly name: string;
  readonly #offset: number;

  constructor(name: string, offset: number) {
    this.name = name;
    this.#offset = offset;
  }

  offsetMs(): number {
    return this.#offset;
  }
}

interface Slot {
  readonly start: number;
  /** The first instant with the offset `after`; the slot's end where nothing changes. */
  readonly change: number;
  readonly before: number;
  readonly after: number;
}

class IntlZone implements TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #slots = new Map<number, Slot>();
  #last: Slot = { start: NaN, change: NaN, before: 0, after: 0 };

  constructor(name: string, format: Intl.DateTimeFormat) {
    this.name = name;
    this.#format = format;
  }

  offsetMs(epochMs: number): number {
    let slot = this.#last;
    if (!(epochMs >= slot.start && epochMs < slot.start + SLOT_MS)) {
      slot = this.#slotOf(Math.floor(epochMs / SLOT_MS));
      this.#last = slot;
    }
    return epochMs < slot.change ? slot.before : slot.after;
  }

  #slotOf(index: number): Slot {
    const known = this.#slots.get(index);
    if (known !== undefined) return known;
    const start = index * SLOT_MS;
    const before = this.#ask(start);
    const after = this.#ask(start + SLOT_MS);
    let low = start;
    let high = start + SLOT_MS;
    if (before === after) low = high;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#ask(middle) === before) low = middle;
      else high = middle;
    }
    const slot: Slot = { start, change: high, before, after };
    if (this.#slots.size >= MAX_SLOTS) this.#slots.clear();
    this.#slots.set(index, slot);
    return slot;
  }

  /** What Intl says, as `GMT+08:00` or `GMT-04:56:02`. */
  #ask(epochMs: number): number {
    const instant = Math.max(-MAX_INTL_MS, Math.min(MAX_INTL_MS, epochMs));
    const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?/.exec(this.#format.format(instant));
    if (match === null || match[1] === undefined) return 0;
    const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0);
    return (match[1] === '-' ? -seconds : seconds) * 1000;
  }
}
