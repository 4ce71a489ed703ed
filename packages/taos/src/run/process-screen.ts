/** Standard output and standard error as a Screen. */
import { once } from 'node:events';
import type { Screen } from './screen.ts';

/** Writes wait for slow readers; when the reader of a pipe has left, the program ends quietly, as pipes do. */
export function processScreen(): Screen {
  const { stdout, stderr } = process;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    async write(text) {
      if (!stdout.write(text)) await once(stdout, 'drain');
    },
    warn(text) {
      stderr.write(text);
    },
    hasReader: stderr.isTTY,
  };
}
