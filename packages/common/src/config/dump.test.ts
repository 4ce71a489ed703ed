/** `show variables` and `-C` against the real server's recorded list and log. */
import { expect, test } from 'vitest';
import { dumpConfig, showVariables, timeZoneLabel } from './dump.ts';
import { defaultConfig } from './load.ts';

test('show variables has the recorded names in the recorded order', () => {
  const rows = showVariables(defaultConfig());
  expect(rows).toHaveLength(59);
  expect(rows.slice(0, 5).map(([name]) => name)).toEqual([
    'version',
    'buildinfo',
    'gitinfoOfInternal',
    'gitinfo',
    'telegrafUseFieldNum',
  ]);
  expect(rows.slice(-3).map(([name]) => name)).toEqual(['vnodeBak', 'numOfMnodes', 'arbitrator']);
  const values = new Map(rows);
  expect(values.get('minimalDataDirGB')).toBe('2.000000');
  expect(values.get('timezone')).toBe('(UTC, +0000)');
  expect(values.get('maxFirstStreamCompDela')).toBe('10000');
});

test.each([
  ['UTC', '(UTC, +0000)'],
  ['UTC-8', 'UTC-8 (UTC, +0800)'],
  ['Asia/Shanghai', 'Asia/Shanghai (CST, +0800)'],
  ['Asia/Kolkata', 'Asia/Kolkata (IST, +0530)'],
])('zone %s prints as %s', (name, label) => expect(timeZoneLabel(name, 0)).toBe(label));

test('-C lays names and values out as the real server does', () => {
  const lines = dumpConfig(defaultConfig({ fqdn: 'h' }));
  expect(lines.slice(0, 2)).toEqual(['taos global config:', '==================================']);
  expect(lines).toContain('taos local config:');
  expect(lines).toContain(' numOfMnodes:            3 ');
  expect(lines).toContain(' cache:                  16(Mb)');
  expect(lines).toContain(' maxFirstStreamCompDelay:10000(ms)');
  expect(lines).toContain(' clusterSecret:          ****** ');
  expect(lines.some((line) => line.includes('mqttHostName'))).toBe(false);
});
