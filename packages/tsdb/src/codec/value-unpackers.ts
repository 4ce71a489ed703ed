/**
 * Unpackers that go on to values in the same pass: bits, sum of differences, decimal, double, with nothing stored in
 * between. One function per bit width, order and kind of value, made as source text when first met, as in
 * `unpackers.ts`: 0.8 to 0.9 ns a value, half of what unpacking and converting take one after the other.
 */
import { compiled, valueText, wordsText } from './unpackers.ts';

/** What a packed integer becomes; see `ValueTarget`. */
export type ValueKind = 'integer' | 'float' | 'double';

/**
 * Turns the values that begin at `words[at]` and end at word `wordsEnd`, a multiple of 32, into doubles at `out[to]`. With
 * order 1 `distance` is the one before the first, and the last one is returned.
 */
type ValueUnpacker = (
  words: Int32Array,
  at: number,
  out: Float64Array,
  to: number,
  distance: number,
  target: { readonly wordsEnd: number; readonly origin: number; readonly by: number },
) => number;

/** The unpackers of one kind and order, by width. */
export interface ValueUnpackers {
  readonly kind: ValueKind;
  readonly order: 0 | 1;
  readonly byWidth: (ValueUnpacker | undefined)[];
}

function unpackersOf(kind: ValueKind, order: 0 | 1): ValueUnpackers {
  return { kind, order, byWidth: Array.from({ length: 33 }) };
}

/** By kind, then by order. */
export const VALUE_UNPACKERS = {
  integer: [unpackersOf('integer', 0), unpackersOf('integer', 1)],
  float: [unpackersOf('float', 0), unpackersOf('float', 1)],
  double: [unpackersOf('double', 0), unpackersOf('double', 1)],
} as const;

/** The unpacker of a width of 1 to 32. */
export function valueUnpackerOf(unpackers: ValueUnpackers, width: number): ValueUnpacker {
  return (unpackers.byWidth[width] ??= makeUnpacker(unpackers, width));
}

/** 32 values take `width` words. */
function makeUnpacker({ kind, order }: ValueUnpackers, width: number): ValueUnpacker {
  const lines = ['at |= 0; to |= 0; distance |= 0; let x = 0; '];
  lines.push('const { wordsEnd, origin, by } = target;');
  lines.push(`for (; at < wordsEnd; at += ${width}, to += 32) {`);
  lines.push(wordsText(width));
  for (let i = 0; i < 32; i++) {
    lines.push(`x = ${valueText(i * width, width)};`);
    if (order === 1) lines.push('distance = (distance + ((x >>> 1) ^ -(x & 1))) | 0;');
    lines.push(`out[to + ${i}] = ${doubleText(kind, order === 1 ? 'distance' : 'x')};`);
  }
  lines.push('}', 'return distance;');
  const names = ['words', 'at', 'out', 'to', 'distance', 'target'];
  return compiled(names, lines) as ValueUnpacker;
}

function doubleText(kind: ValueKind, distance: string): string {
  const integer = `(origin + (${distance} >>> 0))`;
  if (kind === 'float') return `Math.fround(${integer} * by)`;
  return kind === 'double' ? `${integer} / by` : integer;
}
