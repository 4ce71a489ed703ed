/** What the host gives where taos.cfg says nothing: its name, zone and locale. */
import { hostname } from 'node:os';

/** Defaults that depend on the host. */
export interface HostDefaults {
  readonly fqdn: string;
  /** IANA name. */
  readonly timezone: string;
  /** As in `C.UTF-8`. */
  readonly locale: string;
}

/** Asks the operating system. */
export function readHostDefaults(): HostDefaults {
  const env = process.env;
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || 'C.UTF-8';
  return {
    fqdn: hostname(),
    /** Asked for only where the file is silent: the runtime loads its calendar for it. */
    get timezone() {
      return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
    },
    locale,
  };
}
