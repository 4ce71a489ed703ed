/** What the command line and taos.cfg come to together. */
import fs from 'node:fs';
import path from 'node:path';
import {
  describeProblem,
  parseConfig,
  readHostDefaults,
  timeZone,
  type Config,
  type TimeZone,
} from '@tdnode/common';
import { loadTls, type TlsOptions } from '@tdnode/rpc';
import type { Arguments } from './arguments.ts';

/** Everything a shell needs to know before it connects. */
export interface Settings {
  readonly config: Config;
  /** Lines about what is wrong in taos.cfg. */
  readonly problems: readonly string[];
  /** `fqdn:port` in the order in which they are tried. */
  readonly endPoints: readonly string[];
  readonly zone: TimeZone;
  readonly tls: TlsOptions | undefined;
}

/** The user's mistake, for standard error. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

const DEFAULT_CONFIG = '/etc/taos';
const LOCAL_HOST = 'localhost';

/** Reads taos.cfg; throws SettingsError. */
export function readSettings(given: Arguments): Settings {
  const place = given.configPath ?? DEFAULT_CONFIG;
  const isFile = fs.statSync(place, { throwIfNoEntry: false })?.isFile() === true;
  const file = isFile ? place : path.join(place, 'taos.cfg');
  const text = textOf(file, given.configPath !== undefined);
  const { config, problems, set } = parseConfig(text, file, readHostDefaults());
  return {
    config: { ...config, configDir: path.dirname(file) },
    problems: problems.map(describeProblem),
    endPoints: endPointsOf(given, config, set.has('firstEp')),
    zone: zoneOf(given.timezone ?? config.timezone),
    tls: loadTls(config, (name) => fs.readFileSync(name, 'utf8')),
  };
}

/** `-h` and `-P`; else firstEp and secondEp where taos.cfg has them; else this host. */
function endPointsOf(
  { host, port }: Arguments,
  config: Config,
  hasFirstEp: boolean,
): readonly string[] {
  const ownPort = port ?? config.serverPort;
  if (host !== undefined) return [host.includes(':') ? host : `${host}:${ownPort}`];
  if (!hasFirstEp || port !== undefined) return [`${LOCAL_HOST}:${ownPort}`];
  const named = [config.firstEp, config.secondEp].filter((one) => one !== '');
  return [...new Set(named.map((one) => (one.includes(':') ? one : `${one}:${ownPort}`)))];
}

function textOf(file: string, isNamed: boolean): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing && !isNamed) return '';
    throw new SettingsError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function zoneOf(name: string): TimeZone {
  try {
    return timeZone(name);
  } catch {
    throw new SettingsError(`there is no time zone ${name}: name one like Asia/Shanghai or UTC-8`);
  }
}
