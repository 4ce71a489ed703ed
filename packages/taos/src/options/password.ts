/** Asks for a password: from the terminal without showing it, else the first line of standard input. */
import readline from 'node:readline';
import { Writable } from 'node:stream';

/** Resolves with what was typed. */
export async function askPassword(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
): Promise<string> {
  // readline echoes what is typed: into the void.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = readline.createInterface({ input, output: silent, terminal: input.isTTY });
  output.write('Enter password: '); // now that the terminal echoes nothing
  try {
    return await new Promise((resolve, reject) => {
      line.once('line', resolve);
      line.once('close', () => resolve(''));
      line.once('SIGINT', () => reject(new Error('interrupted')));
    });
  } finally {
    line.close();
    output.write('\n');
  }
}
