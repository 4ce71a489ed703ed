/**
 * Every parameter of taos.cfg, one row each, in the order in which 2.1.2 dumps them: name, type, default,
 * range, flags, meaning, unit. The loader, `show variables`, `taosd -C` and docs/reference/config.md all
 * come from this table. Our own parameters stand at the end.
 *
 * Flags: `server`, `client` (who reads it), `show` (in `show variables`), `clusterWide` (must be equal on all
 * dnodes), `alterable` (`alter dnode` accepts it), `log`, `hidden` (not dumped), `secret` (dumped as stars),
 * `fixed` (of the build; a file cannot set it), `unused` (2.1.2 has it; checked and shown, read by nothing).
 * An empty default of a text is worked out from the host.
 */

import { clusterParameters } from './table/cluster.ts';
import { logParameters } from './table/log.ts';
import { serviceParameters } from './table/service.ts';
import type { NumberParameter } from './table/row.ts';

export { DEFAULT_CLUSTER_SECRET } from './table/log.ts';
export type { NumberParameter, Parameter, TextParameter } from './table/row.ts';

/** The table. */
export const parameters = { ...clusterParameters, ...serviceParameters, ...logParameters } as const;

/** A name in the table. */
export type ParameterName = keyof typeof parameters;

/** All values, typed by their rows. */
export type Config = {
  readonly [N in ParameterName]: (typeof parameters)[N] extends NumberParameter ? number : string;
};

/** All names, in the table's order. */
export const parameterNames = Object.keys(parameters) as readonly ParameterName[];

/** Whether a row carries a flag. */
export function hasFlag(name: ParameterName, flag: string): boolean {
  return parameters[name].flags.split(' ').includes(flag);
}
