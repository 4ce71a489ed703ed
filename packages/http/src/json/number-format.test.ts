/** Numbers against an exact oracle: the value as a fraction of whole numbers, rounded half to even. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { putBigInteger, putDouble, putFloat, putInteger } from './number-format.ts';

type Put = (out: Uint8Array, p: number, value: number) => number;
const text = (put: Put, value: number): string => {
  const out = new Uint8Array(40);
  return Buffer.from(out.subarray(0, put(out, 0, value))).toString('latin1');
};

/** `%.<digits>f` by whole numbers. */
function exactFixed(x: number, digits: number): string {
  const size = Math.abs(x);
  const shift = 1100n; // every double is a whole number of 2^-1100
  let mantissa = size;
  let exponent = 0n;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent++;
  }
  const whole = BigInt(mantissa) << (shift - exponent);
  const scaled = whole * 10n ** BigInt(digits);
  const unit = 1n << shift;
  let n = scaled / unit;
  const twice = (scaled % unit) * 2n;
  if (twice > unit || (twice === unit && n % 2n === 1n)) n++;
  const all = n.toString().padStart(digits + 1, '0');
  const sign = x < 0 || Object.is(x, -0) ? '-' : '';
  return `${sign}${all.slice(0, -digits)}.${all.slice(-digits)}`;
}

test.each([
  [0.1, '0.10000'],
  [1e38, '1.00000e+38'],
  [-1.5e-7, '-0.00000'],
  [1e10, '10000000000.00000'],
  [1.1e10, '1.10000e+10'],
  [-0, '-0.00000'],
  [3.4e38, '3.40000e+38'],
  [0.99999999, '1.00000'],
  [Number.NaN, 'null'],
  [-Infinity, 'null'],
  [0.5, '0.50000'],
  [2 ** -6, '0.01562'],
  [3 * 2 ** -6, '0.04688'],
])('FLOAT %d is %s', (value, expected) => expect(text(putFloat, value)).toBe(expected));

test.each([
  [0.1, '0.100000000'],
  [12.34567890123, '12.345678901'],
  [1e10, '10000000000.000000000'],
  [1.1e10, '1.100000000e+10'],
  [1.7e308, '1.700000000e+308'],
  [-0, '-0.000000000'],
  [2 ** -10, '0.000976562'],
  [3 * 2 ** -10, '0.002929688'],
  [0.9999999999, '1.000000000'],
  [1e10 - 2 ** -19, '9999999999.999998093'],
  [Number.NaN, 'null'],
  [5e-324, '0.000000000'],
  [12345678905, '1.234567890e+10'],
  [12345678915, '1.234567892e+10'],
  [12345678925, '1.234567892e+10'],
])('DOUBLE %d is %s', (value, expected) => expect(text(putDouble, value)).toBe(expected));

test('FLOAT is exact', () => {
  const value = fc.oneof(
    fc.float({ noNaN: true, min: -1e10, max: 1e10 }),
    fc.integer({ min: -99_999_999, max: 99_999_999 }).map((n) => Math.fround(n / 1000)),
  );
  fc.assert(
    fc.property(value, (x) => {
      expect(text(putFloat, x)).toBe(exactFixed(x, 5));
    }),
    { seed: 3, numRuns: 5000 },
  );
});

test('DOUBLE is exact, near ties too', () => {
  const middle = fc.integer({ min: 0, max: 2 ** 31 }).map((n) => (n + 0.5) / 1e9);
  const value = fc.oneof(
    fc.double({ noNaN: true, min: -1e10, max: 1e10 }),
    middle,
    fc.tuple(fc.integer({ min: 0, max: 1_000_000 }), middle).map(([a, b]) => a + b),
    fc.integer({ min: 0, max: 2 ** 31 }).map((n) => n / 1024),
  );
  fc.assert(
    fc.property(value, (x) => {
      expect(text(putDouble, x)).toBe(exactFixed(x, 9));
    }),
    { seed: 3, numRuns: 10_000 },
  );
});

test('whole numbers are exact', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (n) => {
      expect(text(putInteger, n)).toBe(String(n));
    }),
    { seed: 3 },
  );
  for (let n = 1; n < 2 ** 53; n *= 10) {
    expect(text(putInteger, n)).toBe(String(n));
    expect(text(putInteger, 1 - n)).toBe(String(1 - n === 0 ? 0 : 1 - n));
  }
  const out = new Uint8Array(32);
  const end = putBigInteger(out, 0, -9_223_372_036_854_775_807n);
  expect(Buffer.from(out.subarray(0, end)).toString()).toBe('-9223372036854775807');
});
