/**
 * The settings of a running server: what taos.cfg said, and what `alter local` and `alter dnode` changed since.
 * A change lives until the next start. Debug flags reach the log at once; `resetlog` begins a new log file.
 */
import { debugFlags, parameterNames, parseConfig } from '@tdnode/common';
import type { Config, FileLogger, HostDefaults, ParameterName } from '@tdnode/common';

const byLowerName = new Map(parameterNames.map((name) => [name.toLowerCase(), name]));

/** Names that SQL spells otherwise than taos.cfg does. */
byLowerName.set('monitordebugflag', 'monDebugFlag');

/** The current values, and who must hear of a change. */
export class Settings {
  #config: Config;
  readonly #logger: FileLogger;

  constructor(config: Config, logger: FileLogger) {
    this.#config = config;
    this.#logger = logger;
  }

  get config(): Config {
    return this.#config;
  }

  /** Changes one setting; a name or value that taos.cfg would not take is logged and changes nothing. */
  change(name: string, value: string | undefined): void {
    if (name.toLowerCase() === 'resetlog') {
      this.#logger.turnOver();
      return;
    }
    const known = byLowerName.get(name.toLowerCase());
    const changed = known === undefined ? undefined : this.#parse(known, value ?? '');
    if (known === undefined || changed === undefined) {
      this.#logger.warn(
        'DND',
        `setting ${name} ${value ?? ''} is not one that can change while running`,
      );
      return;
    }
    this.#config = { ...this.#config, [known]: changed };
    if (known.endsWith('ebugFlag')) this.#logger.setFlags(debugFlags(this.#config));
    this.#logger.info('DND', `${known} is ${changed} until the next start`);
  }

  #parse(name: ParameterName, value: string): string | number | undefined {
    const { config, set } = parseConfig(`${name} ${value}`, 'alter', hostOf(this.#config));
    return set.has(name) ? config[name] : undefined;
  }
}

function hostOf({ fqdn, timezone, locale }: Config): HostDefaults {
  return { fqdn, timezone, locale };
}
