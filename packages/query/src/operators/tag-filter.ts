/**
 * The part of a filter that a table decides alone: tests of tags and names are answered by its values, and
 * what is left tests columns only.
 *
 * NULL tags differ from NULL columns: `<>` passes them, and `like` sees them as one character.
 */
import type { TagValue } from '@tdnode/common';
import type { Condition, Operand, Test } from '../plan/fragment.ts';
import type { ScanTable } from '../scan.ts';
import { matchesLike } from './like.ts';

/** What is left of the filter for this table: a condition on columns, or true, or false. */
export function filterOfTable(
  condition: Condition | undefined,
  table: ScanTable,
): Condition | boolean {
  if (condition === undefined) return true;
  switch (condition.kind) {
    case 'constant':
      return condition.value;
    case 'test':
      if (condition.operand.source === 'column') return condition;
      return testTable(condition.operand, condition.test, table);
    case 'and':
    case 'or':
      return combine(condition.kind, condition.parts, table);
  }
}

function combine(
  kind: 'and' | 'or',
  parts: readonly Condition[],
  table: ScanTable,
): Condition | boolean {
  const decisive = kind === 'or';
  const left: Condition[] = [];
  for (const part of parts) {
    const rest = filterOfTable(part, table);
    if (rest === decisive) return decisive;
    if (typeof rest !== 'boolean') left.push(rest);
  }
  if (left.length === 0) return !decisive;
  return left.length === 1 ? left[0]! : { kind, parts: left };
}

function testTable(operand: Operand, test: Test, table: ScanTable): boolean {
  if (operand.source === 'tag') return testTag(test, table.tag(operand.colId));
  if (test.kind === 'names') return test.names.includes(table.name);
  if (test.kind !== 'like') return false;
  return matchText(test.pattern, encoder.encode(table.name), false);
}

const encoder = new TextEncoder();
const NULL_CHARACTER = new Uint8Array([0xff]);

function testTag(test: Test, value: TagValue): boolean {
  switch (test.kind) {
    case 'null':
      return (value === null) !== test.negated;
    case 'range':
      if (value === null || value instanceof Uint8Array) return test.negated;
      return (value >= test.low && value <= test.high) !== test.negated;
    case 'text':
      if (!(value instanceof Uint8Array)) return test.negated;
      return sameBytes(value, test.bytes) !== test.negated;
    case 'like':
      return matchText(
        test.pattern,
        value instanceof Uint8Array ? value : NULL_CHARACTER,
        test.characters,
      );
    case 'names':
      return false;
  }
}

function matchText(pattern: Uint8Array, bytes: Uint8Array, characters: boolean): boolean {
  return matchesLike(pattern, { bytes, from: 0, to: bytes.length }, characters);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
