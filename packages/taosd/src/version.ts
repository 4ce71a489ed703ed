/** `taosd -V`, line for line as 2.1.2 prints it. */
import type { Config } from '@tdnode/common';

const COMPATIBLE_VERSION = '2.0.0.0';

/** The lines of `-V`. */
export function versionLines(config: Config): string[] {
  return [
    `community version: ${config.version} compatible_version: ${COMPATIBLE_VERSION}`,
    `gitinfo: ${config.gitinfo}`,
    `gitinfoI: ${config.gitinfoOfInternal}`,
    `buildinfo: ${config.buildinfo}`,
  ];
}
