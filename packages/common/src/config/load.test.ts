/** taos.cfg: what is read, what is a warning, what refuses to start. */
import { expect, test } from 'vitest';
import { formatProblem, defaultConfig, parseConfig } from './load.ts';
import { parameterNames, parameters } from './parameters.ts';

const host = { fqdn: 'h1', timezone: 'Asia/Shanghai', locale: 'en_US.UTF-8' };
const load = (text: string) => parseConfig(text, 'taos.cfg', host);

test('an empty file gives the defaults of the table and of the host', () => {
  const { config, problems } = load('');
  expect(problems).toEqual([]);
  expect(config.serverPort).toBe(6030);
  expect(config.firstEp).toBe('h1:6030');
  expect(config.fqdn).toBe('h1');
  expect(config.timezone).toBe('Asia/Shanghai');
  expect(config.charset).toBe('UTF-8');
  expect(config.ratioOfQueryCores).toBe(1);
});

test.each([
  ['serverPort 7030', 'serverPort', 7030],
  ['  SERVERPORT\t7030  # the port', 'serverPort', 7030],
  ['fqdn a\nfqdn b', 'fqdn', 'b'],
  ['dataDir /d 0 primary', 'dataDir', '/d'],
  ['logDir @/var/my log@', 'logDir', '/var/my log'],
  ['timezone Asia/Shanghai (CST, +0800)', 'timezone', 'Asia/Shanghai'],
  ['timezone UTC-8', 'timezone', 'UTC-8'],
  ['firstEp other', 'firstEp', 'other:6030'],
  ['firstEp other:7030\r', 'firstEp', 'other:7030'],
  ['# serverPort 1', 'serverPort', 6030],
  ['minimalDataDirGB .5', 'minimalDataDirGB', 0.5],
  ['queryBufferSize -1', 'queryBufferSize', -1],
] as const)('%j', (text, name, value) => {
  const { config, problems } = load(text);
  expect(problems).toEqual([]);
  expect(config[name]).toBe(value);
});

test('an unknown name is a warning with the nearest known one', () => {
  const { problems } = load('\nserverprot 6030');
  expect(problems.map(formatProblem)).toEqual([
    'warning: taos.cfg:2: serverprot 6030: no such parameter, the line is ignored; the nearest is serverPort',
  ]);
});

test('a value out of range keeps the default with a warning', () => {
  const { config, problems, set } = load('cache 0\nfqdn ' + 'x'.repeat(129));
  expect(config.cache).toBe(16);
  expect(config.fqdn).toBe('h1');
  expect(set.size).toBe(0);
  expect(problems.map((p) => [p.level, p.name, p.line])).toEqual([
    ['warning', 'cache', 1],
    ['warning', 'fqdn', 2],
  ]);
  expect(problems[0]?.text).toBe('1 to 128 is allowed, the default 16 stays');
});

test.each(['serverPort abc', 'days 1.5', 'ratioOfQueryCores much', 'timezone Mars/Base'])(
  'the wrong type refuses to start: %s',
  (text) => expect(load(text).problems.map((p) => p.level)).toEqual(['error']),
);

test.each(['version 3.0', 'arbitrator', 'nonsense'])('a line without effect warns: %s', (text) =>
  expect(load(text).problems.map((p) => p.level)).toEqual(['warning']),
);

test.each(parameterNames.map((name) => [name]))('%s has a default within its range', (name) => {
  const row = parameters[name];
  expect(row.meaning.length).toBeGreaterThan(10);
  if (row.kind === 'text') return;
  expect(row.default).toBeGreaterThanOrEqual(row.min);
  expect(row.default).toBeLessThanOrEqual(row.max);
  const config = load(`${name} ${row.min}`).config;
  expect(config[name]).toBe(row.min);
});

test('overrides for tests', () =>
  expect(defaultConfig({ serverPort: 1 }).firstEp).toBe('localhost:1'));
