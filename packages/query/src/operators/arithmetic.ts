/**
 * Arithmetic of the select list: always in doubles; NULL (NaN) in, NULL out; what is not finite is NULL.
 * `x % y` is `x - trunc(x / y) · y` with the quotient held to 64 bits, so `x % 0` is x as in TDengine.
 */
import type { Vector } from '@tdnode/common';
import { asNumbers } from '../functions/ranges.ts';
import type { Arithmetic } from '../plan/fragment.ts';

const MIN_QUOTIENT = -(2 ** 63);
const MAX_QUOTIENT = 2 ** 63;

/** Values of rows `[from, to)`, at the same places of the result (shorter indices mean nothing). */
export function evaluateArithmetic(
  expression: Arithmetic,
  input: (index: number) => Vector,
  from: number,
  to: number,
): Float64Array {
  const values = evaluate(expression, input, from, to);
  const result = new Float64Array(to);
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    result[i] = value - value === 0 ? value : NaN;
  }
  return result;
}

function evaluate(
  expression: Arithmetic,
  input: (index: number) => Vector,
  from: number,
  to: number,
): Float64Array {
  switch (expression.kind) {
    case 'input':
      return asNumbers(input(expression.index), from, to);
    case 'number':
      return new Float64Array(to).fill(expression.value, from, to);
    case 'binary': {
      const left = evaluate(expression.left, input, from, to);
      const right = evaluate(expression.right, input, from, to);
      const result = new Float64Array(to);
      loops[expression.op](left, right, result, from);
      return result;
    }
  }
}

type Loop = (left: Float64Array, right: Float64Array, result: Float64Array, from: number) => void;

const loops: { readonly [op: string]: Loop } & {
  readonly [op in '+' | '-' | '*' | '/' | '%']: Loop;
} = {
  '+'(left, right, result, from) {
    for (let i = from; i < result.length; i++) result[i] = left[i]! + right[i]!;
  },
  '-'(left, right, result, from) {
    for (let i = from; i < result.length; i++) result[i] = left[i]! - right[i]!;
  },
  '*'(left, right, result, from) {
    for (let i = from; i < result.length; i++) result[i] = left[i]! * right[i]!;
  },
  '/'(left, right, result, from) {
    for (let i = from; i < result.length; i++) {
      const divisor = right[i]!;
      result[i] = divisor === 0 ? NaN : left[i]! / divisor;
    }
  },
  '%'(left, right, result, from) {
    for (let i = from; i < result.length; i++) result[i] = remainder(left[i]!, right[i]!);
  },
};

function remainder(left: number, right: number): number {
  const quotient = Math.trunc(left / right);
  const held = quotient > MIN_QUOTIENT && quotient < MAX_QUOTIENT ? quotient : MIN_QUOTIENT;
  return left - held * right;
}
