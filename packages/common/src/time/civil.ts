/**
 * Civil calendar arithmetic with plain integers, proleptic Gregorian, without Date objects. Days count
 * from 1970-01-01. The year starts in March inside these formulas, so that the leap day comes last.
 */
export const MS_PER_DAY = 86_400_000;

/** Days from 1970-01-01 to a date. `month` 1..12; a `day` beyond its month runs on into the next one. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const shifted = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * shifted + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** A date as one integer, `year * 512 + month * 32 + day`: `civilYear` and its sisters take it apart. */
export function civilFromDays(days: number): number {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return year * 512 + month * 32 + day;
}

/** The year of a packed civil date. */
export function civilYear(civil: number): number {
  return Math.floor(civil / 512);
}

/** 1..12 */
export function civilMonth(civil: number): number {
  return Math.floor(civil / 32) & 15;
}

/** 1..31 */
export function civilDay(civil: number): number {
  return civil - Math.floor(civil / 32) * 32;
}
