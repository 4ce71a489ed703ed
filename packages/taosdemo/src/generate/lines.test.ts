import { expect, test } from 'vitest';
import type { ColumnSpec } from '../job.ts';
import { cellLines } from './lines.ts';

const columns: readonly ColumnSpec[] = [
  { name: 'a', type: 'INT', width: 0 },
  { name: 'b', type: 'NCHAR', width: 10 },
];

test('strings get quotes where they have none', () => {
  const text = `1,it's 北京\n2,'a,b'\r\n\n3,"x\\"y"\n4,\nNULL, z \n`;
  expect(cellLines(text, columns, 's.csv')).toEqual([
    "1,'it\\'s 北京'",
    "2,'a,b'",
    '3,"x\\"y"',
    '4,null',
    "null,'z'",
  ]);
});

test('a line with another number of fields is named', () => {
  expect(() => cellLines('1,a\n2\n', columns, 's.csv')).toThrow(
    's.csv:2 has 1 fields, the columns are 2',
  );
  expect(() => cellLines('\n', columns, 's.csv')).toThrow('s.csv has no lines');
});
