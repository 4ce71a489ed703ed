/** What `alter local` and `alter dnode` do to a running server. */
import { defaultConfig, silentLogger, type DebugFlags, type FileLogger } from '@tdnode/common';
import { expect, test } from 'vitest';
import { Settings } from './settings.ts';

function logger(): FileLogger & { flags: DebugFlags[]; warnings: string[]; turns: string[] } {
  const turns: string[] = [];
  const flags: DebugFlags[] = [];
  const warnings: string[] = [];
  return {
    ...silentLogger,
    flags,
    warnings,
    turns,
    warn: (_, text) => void warnings.push(text),
    entry: () => {},
    setFlags: (next) => void flags.push(next),
    turnOver: () => void turns.push('turned'),
    flush: () => {},
    close: async () => {},
  };
}

test('a debug flag reaches the log at once, whatever its case', () => {
  const log = logger();
  const settings = new Settings(defaultConfig(), log);
  settings.change('DEBUGFLAG', '135');
  expect(settings.config.debugFlag).toBe(135);
  expect(log.flags.at(-1)?.VND).toBe(135);
  settings.change('monitorDebugFlag', '143');
  expect(settings.config.monDebugFlag).toBe(143);
});

test('what taos.cfg would not take changes nothing and is named in the log', () => {
  const log = logger();
  const settings = new Settings(defaultConfig(), log);
  for (const [name, value] of [
    ['blocks', '2'],
    ['nosuch', '1'],
    ['cache', 'many'],
  ] as const)
    settings.change(name, value);
  expect(settings.config).toEqual(defaultConfig());
  expect(log.warnings).toHaveLength(3);
  expect(log.warnings[0]).toContain('blocks 2');
});

test('resetlog begins a new log file', () => {
  const log = logger();
  new Settings(defaultConfig(), log).change('resetLog', undefined);
  expect([log.turns, log.warnings]).toEqual([['turned'], []]);
});
