/** The options, as `taos --help` lists them and the parser reads them. */

/** What follows an option: nothing, a value, or perhaps one, glued to it. */
export type Argument = 'none' | 'value' | 'optional';

/** One option. */
export interface Option {
  readonly letter?: string;
  readonly long: string;
  readonly argument: Argument;
  /** How the value is called. */
  readonly value?: string;
  readonly text: string;
}

/** All of them: those of 2.1.2 and, without a letter, our own. */
export const options = [
  {
    letter: 'h',
    long: 'host',
    argument: 'value',
    value: 'HOST',
    text: 'a dnode of the cluster (default: firstEp of taos.cfg, then secondEp)',
  },
  {
    letter: 'P',
    long: 'port',
    argument: 'value',
    value: 'PORT',
    text: 'its serverPort (default: serverPort of taos.cfg, 6030)',
  },
  {
    letter: 'u',
    long: 'user',
    argument: 'value',
    value: 'USER',
    text: 'who connects (default: root)',
  },
  {
    letter: 'p',
    long: 'password',
    argument: 'optional',
    value: 'PASSWORD',
    text: 'the password, glued to -p; -p alone asks for it (default: taosdata)',
  },
  {
    letter: 'A',
    long: 'auth',
    argument: 'value',
    value: 'AUTH',
    text: 'refused: passwords are not kept as the digests that it stood for',
  },
  {
    letter: 'd',
    long: 'database',
    argument: 'value',
    value: 'DATABASE',
    text: 'the database in use',
  },
  {
    letter: 'c',
    long: 'config-dir',
    argument: 'value',
    value: 'CONFIG_DIR',
    text: 'where taos.cfg is, or the file itself (default: /etc/taos)',
  },
  { letter: 'C', long: 'dump-config', argument: 'none', text: 'print the configuration and end' },
  {
    letter: 's',
    long: 'commands',
    argument: 'value',
    value: 'COMMANDS',
    text: 'run statements and end',
  },
  {
    letter: 'f',
    long: 'file',
    argument: 'value',
    value: 'FILE',
    text: 'run the statements of a file and end',
  },
  {
    letter: 'D',
    long: 'directory',
    argument: 'value',
    value: 'DIRECTORY',
    text: 'run all .sql files of a folder side by side and end',
  },
  {
    letter: 'T',
    long: 'thread',
    argument: 'value',
    value: 'THREADNUM',
    text: 'how many files or tables at once, with -D and -k (default: 5)',
  },
  {
    letter: 'k',
    long: 'check',
    argument: 'value',
    value: 'CHECK',
    text: 'read a row of every table of the database of -d and end',
  },
  { letter: 'r', long: 'raw-time', argument: 'none', text: 'times as whole numbers since 1970' },
  {
    letter: 't',
    long: 'timezone',
    argument: 'value',
    value: 'TIMEZONE',
    text: 'the zone of printed and written times (default: timezone of taos.cfg)',
  },
  {
    letter: 'n',
    long: 'netrole',
    argument: 'value',
    value: 'NETROLE',
    text: 'test the network and end: startup, rpc, sync, client or server',
  },
  {
    letter: 'l',
    long: 'pktlen',
    argument: 'value',
    value: 'PKTLEN',
    text: 'bytes of a packet of that test (default: 1000)',
  },
  {
    long: 'strict',
    argument: 'none',
    text: 'end with the first statement that fails, with exit status 1',
  },
  { letter: 'V', long: 'version', argument: 'none', text: 'print the version and end' },
  { letter: '?', long: 'help', argument: 'none', text: 'print this and end' },
] as const satisfies readonly Option[];

/** The long name of an option. */
export type OptionName = (typeof options)[number]['long'];

/** What `--help` and a wrong option print. */
export const usage = `usage: taos [options]\n\n${(options as readonly Option[]).map(line).join('')}`;

function line({ letter, long, argument, value = '', text }: Option): string {
  const short = letter === undefined ? '    ' : `-${letter}, `;
  const shown = { none: '', value: ` ${value}`, optional: `[${value}]` }[argument];
  return `  ${short}--${long}${shown}`.padEnd(32) + `${text}\n`;
}
