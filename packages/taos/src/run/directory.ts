/**
 * `-D`: runs all `.sql` files of a folder, as taosdump writes them: those that make databases and tables first, one after
 * the other, then the rest side by side. Each worker has a connection of its own, so that their `use` do not meet.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { SettingsError } from '../options/settings.ts';
import type { Outcome, Session } from './session.ts';

/** Made before anything is written into it. */
const FIRST = ['dbs.sql', 'tables.sql'];

/** The files of a folder in the order in which they are run. */
export function planFiles(names: readonly string[]): { first: string[]; rest: string[] } {
  const files = names.filter((name) => name.endsWith('.sql')).toSorted();
  return {
    first: FIRST.filter((name) => files.includes(name)),
    rest: files.filter((name) => !FIRST.includes(name)),
  };
}

/** Runs a folder's files on sessions that `open` makes, at most `threads` at once; throws SettingsError without a folder. */
export async function runDirectory(
  folder: string,
  open: () => Promise<Session>,
  threads: number,
): Promise<Outcome> {
  const { first, rest } = planFiles(namesIn(folder));
  let worst: Outcome = 'ok';
  const run = async (session: Session, name: string): Promise<void> => {
    if ((await session.source(path.join(folder, name))) !== 'ok') worst = 'failed';
  };
  const main = await open();
  for (const name of first) await run(main, name);
  const next = rest.values();
  const work = async (): Promise<void> => {
    const session = await open();
    for (const name of next) await run(session, name);
    await session.server.close();
  };
  await Promise.all(Array.from({ length: Math.min(threads, rest.length) }, work));
  await main.server.close();
  return worst;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new SettingsError(`${folder} cannot be read: ${(error as Error).message}`);
  }
}
