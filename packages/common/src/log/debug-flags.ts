/** Which module logs what: TDengine's debug flags. Bits: 1 error, 2 warning and information, 4 debug, 64 terminal, 128 file. */
import type { Config, ParameterName } from '../config/parameters.ts';
import type { LogModule } from './logger.ts';

/** The bit of each level. */
export const levelBits = { error: 1, warn: 2, info: 2, debug: 4 } as const;

/** A level of a line. */
export type LogLevel = keyof typeof levelBits;

/** The flag that makes lines appear on the terminal too. */
export const TERMINAL_BIT = 64;

/** One flag a module. */
export type DebugFlags = Readonly<Record<LogModule, number>>;

const parameterOf = {
  DND: 'dDebugFlag',
  MND: 'mDebugFlag',
  SDB: 'sdbDebugFlag',
  VND: 'vDebugFlag',
  TDB: 'tsdbDebugFlag',
  WAL: 'wDebugFlag',
  SYN: 'sDebugFlag',
  QRY: 'qDebugFlag',
  HTP: 'httpDebugFlag',
  MON: 'monDebugFlag',
  UTL: 'uDebugFlag',
} as const satisfies Record<LogModule, ParameterName>;

/** The flags of a configuration: `debugFlag` other than 0 replaces all. */
export function debugFlags(config: Config): DebugFlags {
  const flags = Object.entries(parameterOf).map(([module, name]) => [
    module,
    config.debugFlag === 0 ? config[name] : config.debugFlag,
  ]);
  return Object.fromEntries(flags) as DebugFlags;
}
