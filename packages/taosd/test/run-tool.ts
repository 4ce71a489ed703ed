/** Runs a tool's program (`dist`) and collects what it says. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** What a tool did. */
export interface ToolResult {
  /** null: ended by a signal. */
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A tool under way. */
export interface RunningTool {
  readonly child: ChildProcess;
  readonly result: Promise<ToolResult>;
}

/** Starts `name` in the folder `cwd`. */
export function startTool(name: string, words: readonly string[], cwd: string): RunningTool {
  const program = path.join(packages, name, 'bin', `${name}.mjs`);
  const child = spawn(process.execPath, [program, ...words], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const result = new Promise<ToolResult>((resolve) => {
    child.once('close', (status) => resolve({ status, out, err }));
  });
  return { child, result };
}

/** Runs it to its end, which must be good. */
export async function runTool(
  name: string,
  words: readonly string[],
  cwd: string,
): Promise<ToolResult> {
  const result = await startTool(name, words, cwd).result;
  if (result.status === 0) return result;
  throw new Error(
    `${name} ${words.join(' ')} ended with ${result.status}: ${result.err}${result.out}`,
  );
}
