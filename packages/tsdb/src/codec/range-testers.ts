/**
 * Testing packed integers against a range without making values of them: a bit a row. One function per bit width and order,
 * made as source text when first met, as in `unpackers.ts`.
 */
import { compiled, valueText, wordsText } from './unpackers.ts';

/**
 * Tests the values that begin at `words[at]` and end at word `wordsEnd`, a multiple of 32, and writes their bits from
 * `bits[to]` on. Distances count from the lower end of the range and pass up to `span`. With order 1 `distance` is the one before the first, and the last one is returned;
 * with order 0 it is that of 0.
 */
type RangeTester = (
  words: Int32Array,
  at: number,
  bits: Int32Array,
  to: number,
  distance: number,
  range: { readonly wordsEnd: number; readonly span: number },
) => number;

/** By order and width. */
const testers: readonly (RangeTester | undefined)[][] = [[], []];

/** The tester of a width of 1 to 32. */
export function rangeTesterOf(order: 0 | 1, width: number): RangeTester {
  return (testers[order]![width] ??= makeTester(order, width));
}

/** 32 values take `width` words and one of bits. */
function makeTester(order: 0 | 1, width: number): RangeTester {
  const lines = ['at |= 0; to |= 0; distance |= 0; let x = 0; let passes = 0;'];
  lines.push('const { wordsEnd, span } = range;');
  lines.push(`for (; at < wordsEnd; at += ${width}, to++) {`);
  lines.push(wordsText(width), 'passes = 0;');
  for (let i = 0; i < 32; i++) {
    lines.push(`x = ${valueText(i * width, width)};`);
    if (order === 1) lines.push('distance = (distance + ((x >>> 1) ^ -(x & 1))) | 0;');
    const tested = order === 1 ? 'distance' : '(distance + x)';
    lines.push(`passes |= ((${tested} >>> 0) <= span) << ${i};`);
  }
  lines.push('bits[to] = passes;', '}', 'return distance;');
  const names = ['words', 'at', 'bits', 'to', 'distance', 'range'];
  return compiled(names, lines) as RangeTester;
}
