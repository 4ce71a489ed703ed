/** Numbers written in the statement, and arithmetic between them, folded as TDengine does. */
import type { Expression } from '@tdnode/sql';

/** A folded number; integers beyond ±2⁵³ as bigint. */
export interface Constant {
  readonly isInteger: boolean;
  readonly value: number | bigint;
}

/** The number an expression stands for, or undefined when it is not made of numbers alone. */
export function foldNumber(expression: Expression): Constant | undefined {
  switch (expression.kind) {
    case 'number':
      return readNumber(expression.text, expression.form === 'float');
    case 'unary': {
      if (expression.op === 'not') return undefined;
      const operand = foldNumber(expression.operand);
      if (operand === undefined || expression.op === '+') return operand;
      return { isInteger: operand.isInteger, value: -operand.value };
    }
    case 'binary': {
      const left = foldNumber(expression.left);
      const right = foldNumber(expression.right);
      if (left === undefined || right === undefined) return undefined;
      return foldBinary(expression.op, left, right);
    }
    default:
      return undefined;
  }
}

function readNumber(text: string, isFloat: boolean): Constant {
  if (isFloat) return { isInteger: false, value: Number(text) };
  const value = Number(text);
  if (Number.isSafeInteger(value)) return { isInteger: true, value };
  return /^[0-9a-fx]+$/i.test(text)
    ? { isInteger: true, value: BigInt(text) }
    : { isInteger: false, value };
}

function foldBinary(op: string, left: Constant, right: Constant): Constant | undefined {
  const a = Number(left.value);
  const b = Number(right.value);
  const isInteger = left.isInteger && right.isInteger;
  switch (op) {
    case '+':
      return { isInteger, value: a + b };
    case '-':
      return { isInteger, value: a - b };
    case '*':
      return { isInteger, value: a * b };
    case '/':
      return { isInteger: false, value: a / b };
    case '%':
      return { isInteger, value: a % b };
    default:
      return undefined;
  }
}
