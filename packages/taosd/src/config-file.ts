/** Finds and reads taos.cfg; the parsing is `@tdnode/common`'s. */
import fs from 'node:fs';
import path from 'node:path';
import { parseConfig, readHostDefaults } from '@tdnode/common';
import type { Config, ConfigProblem } from '@tdnode/common';
import { StartupError, errnoOf, reasonOf } from './startup-error.ts';

/** A configuration and what was found wrong with its file. */
export interface ConfigFile {
  readonly config: Config;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Reads `place/taos.cfg`, or `place` itself where it is a file. A place that the user named must exist; without
 * the default one the defaults rule.
 */
export function readConfigFile(place: string, isExplicit: boolean): ConfigFile {
  const isFile = fs.statSync(place, { throwIfNoEntry: false })?.isFile() === true;
  const file = isFile ? place : path.join(place, 'taos.cfg');
  const { config, problems } = parseConfig(textOf(file, isExplicit), file, readHostDefaults());
  return { config: { ...config, configDir: path.dirname(file) }, problems };
}

function textOf(file: string, isExplicit: boolean): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (!isExplicit && errnoOf(error) === 'ENOENT') return '';
    const why = errnoOf(error) === 'ENOENT' ? 'it does not exist' : reasonOf(error);
    throw new StartupError(`the configuration file ${file} cannot be read: ${why}`);
  }
}
