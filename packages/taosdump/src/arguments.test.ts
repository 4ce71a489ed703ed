import { expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';

const parse = (line: string) => parseArguments(line.split(' ').filter((word) => word !== ''));

test('a database and tables of it', () => {
  expect(parse('-o out db T1 t2')).toMatchObject({
    kind: 'out',
    folder: 'out',
    databases: ['db'],
    tables: ['t1', 't2'],
    threads: 5,
    format: 'parquet',
    resultFile: './dump_result.txt',
  });
});

test.each([
  ['-D a,b', ['a', 'b']],
  ['-D a b', ['a', 'b']],
  ['--databases=a,b', ['a', 'b']],
  ['-A', undefined],
])('%s names databases', (line, databases) => {
  expect(parse(`${line} -o x`)).toMatchObject({ kind: 'out', databases, tables: undefined });
});

test('long and short names, values apart or not', () => {
  const wanted = { host: 'h1', port: 7030, user: 'u', password: 'p w' };
  expect(parseArguments(['-h', 'h1', '-P7030', '-uu', '--password=p w', '-A'])).toMatchObject({
    connection: wanted,
  });
  expect(
    parseArguments(['--host', 'h1', '--port', '7030', '--user', 'u', '-p', 'p w', '-A']),
  ).toMatchObject({ connection: wanted });
});

test('a dump in, its limits, and what compares', () => {
  expect(parse('-i x -B 100 -L 65480 -T 2')).toMatchObject({
    kind: 'in',
    rowsPerStatement: 100,
    maxSqlBytes: 65_480,
    threads: 2,
    databases: undefined,
  });
  expect(parse('-i x --verify db')).toMatchObject({ kind: 'verify', databases: ['db'] });
  expect(parse('-i x --check')).toMatchObject({ kind: 'check' });
});

test.each([
  ['', 'say what to dump'],
  ['-i a -o b', '-i reads a dump and -o writes one'],
  ['--verify', '--verify and --check want the folder of a dump'],
  ['-Z', '-Z is not an option'],
  ['--what', '--what is not an option'],
  ['-sx -A', '-sx is not an option'],
  ['-A -T 0', 'option -T: 0 is not a whole number from 1 to 256'],
  ['-A -S', 'option -S needs a value'],
  ['-A -e GBK', '-e GBK: dumps are UTF-8'],
  ['-A -v', '-v: Avro is not written'],
])('%s is refused: %s', (line, sentence) => {
  expect(() => parse(line)).toThrow(sentence);
});
