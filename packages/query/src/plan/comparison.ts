/** One comparison of a column or tag with a literal, as a test on its type's values. */
import {
  invalidOperation,
  isFloatType,
  isStringType,
  isUnsignedType,
  SqlType,
  typeWidth,
} from '@tdnode/common';
import type { BinaryOperator, Expression } from '@tdnode/sql';
import { foldNumber } from './constant.ts';
import type { Test } from './fragment.ts';
import type { PlanEnvironment } from './metadata.ts';
import { timeTicks } from './time-value.ts';

export type Comparison = Extract<BinaryOperator, '=' | '<>' | '<' | '<=' | '>' | '>=' | 'like'>;

/** Longest pattern of `like`. */
const MAX_PATTERN = 20;

const encoder = new TextEncoder();
const UNSUPPORTED = 'not supported filter condition';

/** The test `value op literal` for values of a type. */
export function comparisonTest(
  type: SqlType,
  op: Comparison,
  literal: Expression,
  environment: PlanEnvironment,
): Test {
  if (literal.kind === 'null') throw invalidOperation('only support is [not] null');
  if (isStringType(type)) return stringTest(type, op, literal);
  if (op === 'like') throw invalidOperation('illegal column name', 'like takes strings only');
  if (type === SqlType.BOOL) return boolTest(op, literal);
  if (type === SqlType.TIMESTAMP)
    return rangeOf(op, normal(timeTicks(literal, environment)), nextInteger);
  if (isFloatType(type)) return floatTest(type, op, numberOf(literal));
  return rangeOf(op, integerOf(type, literal), nextInteger);
}

/** The test `value between low and high`. */
export function betweenTest(
  type: SqlType,
  bounds: { readonly low: Expression; readonly high: Expression },
  environment: PlanEnvironment,
): Test {
  if (isStringType(type)) throw invalidOperation('binary column not support this operator');
  if (type === SqlType.BOOL) throw invalidOperation('bool column not support this operator');
  const low = comparisonTest(type, '>=', bounds.low, environment);
  const high = comparisonTest(type, '<=', bounds.high, environment);
  if (low.kind !== 'range' || high.kind !== 'range') throw invalidOperation(UNSUPPORTED);
  return { kind: 'range', low: low.low, high: high.high, negated: false };
}

function stringTest(type: SqlType, op: Comparison, literal: Expression): Test {
  if (op !== '=' && op !== '<>' && op !== 'like') {
    throw invalidOperation(
      'binary column not support this operator',
      `strings take =, <> and like, not ${op}`,
    );
  }
  // TDengine reads a number where it expects a string as an empty one.
  const text = literal.kind === 'string' ? literal.value : '';
  const bytes = encoder.encode(text);
  if (op !== 'like') return { kind: 'text', bytes, negated: op === '<>' };
  if (text.length > MAX_PATTERN) {
    throw invalidOperation('wildcard string should be less than 20 characters');
  }
  return { kind: 'like', pattern: bytes, characters: type === SqlType.NCHAR };
}

function boolTest(op: Comparison, literal: Expression): Test {
  if (op !== '=' && op !== '<>') throw invalidOperation('bool column not support this operator');
  const value = boolOf(literal);
  return { kind: 'range', low: value, high: value, negated: op === '<>' };
}

function boolOf(literal: Expression): number {
  if (literal.kind === 'bool') return literal.value ? 1 : 0;
  if (literal.kind === 'string') {
    const text = literal.value.toLowerCase();
    if (text === 'true' || text === 'false') return text === 'true' ? 1 : 0;
    throw invalidOperation(UNSUPPORTED, `'${literal.value}' is neither true nor false`);
  }
  return Number(numberOf(literal)) !== 0 ? 1 : 0;
}

function numberOf(literal: Expression): number | bigint {
  if (literal.kind === 'string') {
    const text = literal.value.trim();
    if (text === '' || Number.isNaN(Number(text))) {
      throw invalidOperation(UNSUPPORTED, `'${literal.value}' is not a number`);
    }
    return /^[+-]?\d+$/.test(text) ? normal(BigInt(text)) : Number(text);
  }
  if (literal.kind === 'bool') return literal.value ? 1 : 0;
  const constant = foldNumber(literal);
  if (constant === undefined) throw invalidOperation(UNSUPPORTED);
  return constant.value;
}

/** An integer literal for an integer column: fractions are cut off. */
function integerOf(type: SqlType, literal: Expression): number | bigint {
  const value = numberOf(literal);
  const whole = typeof value === 'bigint' ? value : Math.trunc(value);
  if (isUnsignedType(type) && (whole < 0 || whole > 2n ** BigInt(typeWidth(type) * 8) - 1n)) {
    throw invalidOperation(UNSUPPORTED, `${String(whole)} is outside the column's type`);
  }
  return typeof whole === 'number' && !Number.isSafeInteger(whole) && Number.isFinite(whole)
    ? BigInt(whole)
    : whole;
}

function normal(value: number | bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** The whole number after (+1) or before (-1). */
function nextInteger(value: number | bigint, direction: 1 | -1): number | bigint {
  if (typeof value === 'bigint') return normal(value + BigInt(direction));
  if (!Number.isFinite(value)) return value;
  return Math.abs(value) < Number.MAX_SAFE_INTEGER
    ? value + direction
    : BigInt(value) + BigInt(direction);
}

function rangeOf(
  op: Comparison,
  value: number | bigint,
  next: (value: number | bigint, direction: 1 | -1) => number | bigint,
): Test {
  const range = (low: number | bigint, high: number | bigint): Test => ({
    kind: 'range',
    low,
    high,
    negated: false,
  });
  switch (op) {
    case '<':
      return range(-Infinity, next(value, -1));
    case '<=':
      return range(-Infinity, value);
    case '>':
      return range(next(value, 1), Infinity);
    case '>=':
      return range(value, Infinity);
    default:
      return { kind: 'range', low: value, high: value, negated: op === '<>' };
  }
}

/**
 * FLOAT: a literal equals the value it would be stored as, so `f = 0.1` and `f >= 0.1` find a stored 0.1;
 * `<` and `>` compare with the literal itself.
 */
function floatTest(type: SqlType, op: Comparison, literal: number | bigint): Test {
  const value = Number(literal);
  if (type === SqlType.DOUBLE) return rangeOf(op, value, nextDouble);
  const stored = Math.fround(value);
  if (op === '=' || op === '<>') return rangeOf(op, stored, nextDouble);
  if (op === '>=') return rangeOf(op, Math.min(value, stored), nextDouble);
  if (op === '<=') return rangeOf(op, Math.max(value, stored), nextDouble);
  return rangeOf(op, value, nextDouble);
}

const scratch = new Float64Array(1);
const scratchBits = new BigInt64Array(scratch.buffer);

/** The double next to a finite one. */
function nextDouble(value: number | bigint, direction: 1 | -1): number {
  const start = Number(value);
  if (start === 0) return direction * Number.MIN_VALUE;
  if (!Number.isFinite(start)) return start;
  scratch[0] = start;
  scratchBits[0]! += BigInt(start > 0 ? direction : -direction);
  return scratch[0];
}
