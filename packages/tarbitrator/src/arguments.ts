/** The command line: `tarbitrator [-p port] [-g log folder] [-d debug flag]`, as 2.1.2 takes it, and `-D`, `-c`. */

/** What the command line asks for. */
export type Command =
  | {
      readonly kind: 'run';
      readonly port: number;
      readonly logDir: string;
      readonly dataDir: string;
      readonly debugFlag: number | undefined;
      readonly configPath: string | undefined;
    }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly text: string };

const DEFAULT_PORT = 6042;
const PORT_MAX = 65_535;
const FLAG_MAX = 255;

/** What `-h` and a wrong option print. */
export const usage = `usage: tarbitrator [-p <port>] [-g <log folder>] [-d <debug flag>] [-D <data folder>] [-c <folder or file>]
  -p  port for the dnodes (default ${DEFAULT_PORT})
  -g  folder of the log (default /var/log/taos)
  -d  debug flag, as in taos.cfg
  -D  folder of the votes (default /var/lib/taos/arbitrator)
  -c  taos.cfg, for clusterSecret, fqdn and TLS (default /etc/taos)
`;

/** Parses the words behind the program's name. */
export function parseArguments(words: readonly string[]): Command {
  const values = new Map<string, string>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '-h' || word === '-?' || word === '--help') return { kind: 'help' };
    const option = word.slice(0, 2);
    if (!/^-[pgdDc]$/.test(option)) return wrong(`unknown option ${word}`);
    const value = word.length > 2 ? word.slice(2) : words[++i];
    if (value === undefined) return wrong(`option ${option} needs a value`);
    values.set(option, value);
  }
  const port = wholeNumber(values.get('-p') ?? String(DEFAULT_PORT), PORT_MAX);
  if (port === undefined || port === 0) return wrong(`${values.get('-p')} is no port`);
  const flag = values.get('-d');
  const debugFlag = flag === undefined ? undefined : wholeNumber(flag, FLAG_MAX);
  if (flag !== undefined && debugFlag === undefined) return wrong(`${flag} is no debug flag`);
  return {
    kind: 'run',
    port,
    logDir: values.get('-g') ?? '/var/log/taos',
    dataDir: values.get('-D') ?? '/var/lib/taos/arbitrator',
    debugFlag,
    configPath: values.get('-c'),
  };
}

function wholeNumber(text: string, most: number): number | undefined {
  return /^\d+$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

function wrong(text: string): Command {
  return { kind: 'wrong', text };
}
