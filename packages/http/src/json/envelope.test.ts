/** What stands around the rows, byte for byte. */
import { SqlType, TaosError, invalidOperation } from '@tdnode/common';
import { expect, test } from 'vitest';
import {
  affectedAnswer,
  answerPrefix,
  answerSuffix,
  errorAnswer,
  noticeAnswer,
} from './envelope.ts';

const column = (name: string) => ({ name, type: SqlType.INT, bytes: 4 });

test("head and column_meta; heads are the statement's words, control characters apart", () => {
  expect(answerPrefix([column('a"b'), column('x\ty')])).toBe(
    '{"status":"succ","code":0,"head":["a"b","x\\ty"],"column_meta":[["a"b",4,4],["x\\ty",4,4]],"data":[',
  );
  expect(answerSuffix(2, false)).toBe('],"rows":2}');
  expect(answerSuffix(2, true)).toBe('],"rows":2,"truncated":true}');
});

test('acknowledgements', () => {
  expect(affectedAnswer(7)).toBe(
    '{"status":"succ","code":0,"head":["affected_rows"],"column_meta":[["affected_rows",4,4]],"data":[[7]],"rows":1}',
  );
  expect(affectedAnswer(0, [column('c1')])).toContain('"head":["c1"],"column_meta":[["c1",4,4]]');
});

test('errors have single quotes in their text', () => {
  expect(errorAnswer(invalidOperation('no "x"'))).toBe(
    '{"status":"error","code":512,"desc":"invalid SQL: invalid operation: no \'x\'"}',
  );
  expect(errorAnswer(new TaosError(3))).toBe(
    '{"status":"error","code":3,"desc":"Authentication failure"}',
  );
  expect(noticeAnswer('t')).toBe('{"status":"succ","code":0,"desc":"t"}');
});
