/** The command line: `taosd [-c dir|file] [-C] [-V]`, as 2.1.2 takes it, and `--check`, `--repair`. */

/** What the command line asks for. */
export type Command =
  | {
      readonly kind: 'run' | 'dump' | 'check' | 'repair';
      readonly configPath: string;
      readonly isExplicit: boolean;
    }
  | { readonly kind: 'version' }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly text: string };

const DEFAULT_CONFIG = '/etc/taos';

/** What `-h` and a wrong option print. */
export const usage = `usage: taosd [-c <folder or file>] [-C] [-V] [--check | --repair]
  -c  where taos.cfg is, or the file itself (default ${DEFAULT_CONFIG})
  -C  print the configuration and end
  -V  print the version and end
  --check   look at all files of dataDir without starting, say what is damaged, and end
  --repair  make damaged files serve again, say what is lost, and end (docs/recovery.md)
`;

/** Parses the words behind the program's name. */
export function parseArguments(words: readonly string[]): Command {
  let configPath = DEFAULT_CONFIG;
  let isExplicit = false;
  let kind: 'run' | 'dump' | 'check' | 'repair' = 'run';
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '-V' || word === '--version') return { kind: 'version' };
    if (word === '-h' || word === '--help') return { kind: 'help' };
    if (word === '-C' || word === '--check' || word === '--repair') {
      kind = word === '-C' ? 'dump' : word === '--check' ? 'check' : 'repair';
      continue;
    }
    if (!word.startsWith('-c')) return { kind: 'wrong', text: `unknown option ${word}` };
    const value = word.length > 2 ? word.slice(2) : words[++i];
    if (value === undefined) return { kind: 'wrong', text: 'option -c needs a folder or a file' };
    configPath = value;
    isExplicit = true;
  }
  return { kind, configPath, isExplicit };
}
