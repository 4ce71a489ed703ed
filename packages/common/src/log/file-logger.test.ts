/** The log's lines, files and filters, in a folder of the test's own. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultConfig } from '../config/load.ts';
import type { Config } from '../config/parameters.ts';
import { timeZone } from '../time/zone.ts';
import { debugFlags } from './debug-flags.ts';
import type { FileLogger } from './file-logger.ts';
import { openFileLogger } from './file-logger.ts';

let folder = '';
let nowMs = 1_627_309_517_226;
let micros = 0;
const clock = { now: () => nowMs, monotonic: () => nowMs - 1_627_309_000_000 + micros / 1000 };

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'log-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function open(overrides: Partial<Config> = {}): Promise<FileLogger> {
  const config = defaultConfig({
    logDir: path.join(folder, 'l'),
    minimalLogDirGB: 0.001,
    ...overrides,
  });
  return openFileLogger(config, { clock, zone: timeZone('Asia/Shanghai'), thread: 23_008 });
}
const read = (name: string) => fs.readFileSync(path.join(folder, 'l', name), 'utf8');
const names = () => fs.readdirSync(path.join(folder, 'l')).sort();

test("lines look as the real server's", async () => {
  const log = await open();
  micros = 219;
  log.info('DND', 'start to initialize TDengine');
  log.warn('UTL', 'timezone not configured');
  log.error('WAL', 'cut\nline');
  log.entry({ level: 'info', module: 'VND', text: 'from an engine', thread: 7 });
  await log.close();
  expect(read('taosdlog.0').split('\n')).toEqual([
    '                new log file                      ',
    '='.repeat(50),
    '07/26 22:25:17.226219 00023008 DND start to initialize TDengine',
    '07/26 22:25:17.226219 00023008 UTL WARN timezone not configured',
    '07/26 22:25:17.226219 00023008 WAL ERROR cut line',
    '07/26 22:25:17.226219 00000007 VND from an engine',
    '',
  ]);
});

test('flags switch modules, and debugFlag all of them', async () => {
  const say = async (overrides: Partial<Config>): Promise<string> => {
    const log = await open(overrides);
    log.debug('VND', () => 'vnode detail');
    log.debug('MND', () => 'mnode detail');
    log.info('MND', 'mnode news');
    await log.close();
    const text = read('taosdlog.0');
    fs.rmSync(path.join(folder, 'l'), { recursive: true });
    return text;
  };
  const standard = await say({});
  expect(standard).toContain('vnode detail');
  expect(standard).not.toContain('mnode detail');
  expect(await say({ debugFlag: 135 })).toContain('mnode detail');
  expect(await say({ debugFlag: 129 })).not.toContain('news');
});

test('flags can change while it runs', async () => {
  const log = await open();
  log.setFlags(debugFlags(defaultConfig({ debugFlag: 129 })));
  log.info('MND', 'silent');
  log.setFlags(debugFlags(defaultConfig({ debugFlag: 135 })));
  log.debug('MND', () => 'loud');
  await log.close();
  expect(read('taosdlog.0')).toMatch(/loud\n$/u);
  expect(read('taosdlog.0')).not.toContain('silent');
});

test('the text of a silent level is never made', async () => {
  const log = await open({ debugFlag: 131 });
  log.debug('QRY', () => {
    throw new Error('made');
  });
  await log.close();
});

test('without asyncLog a line is in the file at once', async () => {
  const log = await open({ asyncLog: 0 });
  log.info('DND', 'now');
  expect(read('taosdlog.0')).toContain('now');
  await log.close();
});

test('a full file gives way to the other one, which starts empty', async () => {
  const log = await open({ numOfLogLines: 10 });
  for (let i = 0; i < 25; i++) log.info('DND', `line ${i}`);
  await log.close();
  expect(names()).toEqual(['taosdlog.0', 'taosdlog.1']);
  expect(read('taosdlog.0')).toContain('line 24');
  expect(read('taosdlog.0')).not.toContain('line 9\n');
  expect(read('taosdlog.1')).toContain('line 19');
});

test.each([1, -1])('logKeepDays %i keeps full files for a day', async (logKeepDays) => {
  const log = await open({ numOfLogLines: 10, logKeepDays });
  const fill = (): void => {
    for (let i = 0; i < 10; i++) log.info('DND', `line ${i}`);
  };
  fill();
  nowMs += 2 * 86_400_000;
  fill();
  await log.close();
  const kept = names().filter((name) => /\.\d{5,}/u.test(name));
  expect(kept).toHaveLength(logKeepDays > 0 ? 1 : kept.length);
  const last = path.join(folder, 'l', kept.at(-1)!);
  const bytes = fs.readFileSync(last);
  expect((logKeepDays < 0 ? gunzipSync(bytes) : bytes).toString()).toContain('line 9');
});

test('a restart goes on in the file written last', async () => {
  const first = await open();
  first.info('DND', 'first run');
  await first.close();
  const second = await open();
  second.info('DND', 'second run');
  await second.close();
  expect(names()).toEqual(['taosdlog.0']);
  expect(read('taosdlog.0')).toMatch(/first run[\s\S]*second run/u);
});

test('a log that is turned over goes on in the other file', async () => {
  const log = await open();
  log.info('DND', 'before');
  log.turnOver();
  log.info('DND', 'after');
  await log.close();
  expect(read('taosdlog.0')).toMatch(/before\n$/u);
  expect(read('taosdlog.1')).toMatch(/after\n$/u);
});

test('a folder that is gone loses lines, not the server, and the gap is told', async () => {
  const log = await open({ asyncLog: 0 });
  log.info('DND', 'before');
  fs.rmSync(path.join(folder, 'l'), { recursive: true });
  nowMs += 60_000; // free space is looked at again
  for (let i = 0; i < 3; i++) log.info('DND', 'nowhere');
  fs.mkdirSync(path.join(folder, 'l'));
  nowMs += 60_000;
  log.turnOver();
  log.info('DND', 'again');
  await log.close();
  expect(read('taosdlog.1')).toMatch(/^3 lines could not be written here\n[\s\S]*again\n$/u);
});
