import { expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';
import type { InsertJob } from './job.ts';

function insertJob(line: string): InsertJob {
  const command = parseArguments(line.split(' ').filter((word) => word !== ''));
  if (command.kind !== 'job' || command.job.kind !== 'insert') throw new Error(command.kind);
  return command.job;
}

test('without options it makes 10,000 meters of 10,000 rows', () => {
  const job = insertJob('');
  const [database] = job.databases;
  expect(database).toMatchObject({
    name: 'test',
    drop: true,
    options: [
      ['replica', 1],
      ['keep', 36_500],
    ],
  });
  expect(database?.tables[0]).toMatchObject({
    stable: 'meters',
    prefix: 'd',
    childCount: 10_000,
    insertRows: 10_000,
    startMs: 1_500_000_000_000,
    via: 'taosc',
  });
  expect(database?.tables[0]?.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'current FLOAT',
    'voltage INT',
    'phase FLOAT',
  ]);
  expect(job).toMatchObject({ threads: 10, rowsPerRequest: 30_000, asksFirst: true });
});

test('-b names columns, -l counts them, INT fills up', () => {
  const columns = (line: string) =>
    insertJob(line).databases[0]!.tables[0]!.columns.map(
      ({ name, type, width }) => `${name} ${type} ${width}`,
    );
  expect(columns('-b int,Binary -w 20')).toEqual(['col0 INT 20', 'col1 BINARY 20']);
  expect(columns('-b float -l 3')).toEqual(['col0 FLOAT 16', 'col1 INT 16', 'col2 INT 16']);
  expect(columns('-b float,float,bool -l 2')).toHaveLength(2);
});

test('a number is the port and anything else the password, whichever p it is', () => {
  expect(insertJob('-P 6030 -p secret').connection).toMatchObject({
    port: 6030,
    password: 'secret',
  });
  expect(insertJob('-p 7030 -P secret').connection).toMatchObject({
    port: 7030,
    password: 'secret',
  });
  expect(insertJob('-psecret').connection).toMatchObject({ port: 6030, password: 'secret' });
  expect(insertJob('--password 123').connection).toMatchObject({ password: '123' });
});

test('values may stand in the option’s word', () => {
  expect(insertJob('-T4 -t10 -n5 -y')).toMatchObject({ threads: 4, asksFirst: false });
});

test.each([
  ['-Z', '-Z is not an option; taosdemo --help lists them'],
  ['test', 'test is not an option; taosdemo --help lists them'],
  ['-t', 'option -t needs a value'],
  ['-t many', 'option -t: many is not a whole number from 1 to 9007199254740991'],
  ['-T 0', 'option -T: 0 is not a whole number from 1 to 1000'],
  ['-a 4', 'option -a: 4 is not a whole number from 1 to 3'],
  [
    '-b INT,JSON',
    '-b: JSON is not one of BOOL, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, BINARY, NCHAR, TIMESTAMP',
  ],
  ['-I stmt', '-I: stmt is not offered, there are no prepared statements; take taosc or rest'],
])('%s is refused: %s', (line, sentence) => {
  expect(() => insertJob(line)).toThrow(sentence);
});

test('a file may be named, with what goes before it', () => {
  expect(parseArguments(['-f', 'a.json', '-y', '--seed', '7'])).toEqual({
    kind: 'file',
    file: 'a.json',
    force: { answersYes: true, seed: 7, watchesVgroups: false },
  });
  expect(parseArguments(['--help'])).toEqual({ kind: 'help' });
  expect(parseArguments(['-V'])).toEqual({ kind: 'version' });
});
