/** `show vgroups` again and again while tables are made: which vgroup they go to, and when the next one begins. */
import type { Terminal } from '../report/terminal.ts';
import type { Door } from './door.ts';

const EVERY_MS = 200;

/** Runs `work` and prints a line whenever a vgroup has grown. */
export async function watchVgroups<T>(
  db: string,
  { door, terminal }: { readonly door: Door; readonly terminal: Terminal },
  work: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  let last = '';
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const now = await vgroupLine(db, door);
    if (now === last) return;
    last = now;
    const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(7);
    terminal.line(`${seconds} s  ${now}`);
  };
  const timer = setInterval(() => {
    looking ??= look()
      .catch(() => undefined) // the next look says it again
      .finally(() => (looking = undefined));
  }, EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await looking;
    await look();
  }
}

/** `1200 tables: vgId 2: 1000, vgId 3: 200`. */
export async function vgroupLine(db: string, door: Door): Promise<string> {
  const { columns, rows } = await door.rows('show vgroups', { turn: 0, db });
  const idAt = columns.findIndex(({ name }) => name.toLowerCase() === 'vgid');
  const tablesAt = columns.findIndex(({ name }) => name.toLowerCase() === 'tables');
  const vgroups = rows.map((row) => ({ id: Number(row[idAt]), tables: Number(row[tablesAt]) }));
  vgroups.sort((a, b) => a.id - b.id);
  const total = vgroups.reduce((sum, { tables }) => sum + tables, 0);
  const each = vgroups.map(({ id, tables }) => `vgId ${id}: ${tables}`).join(', ');
  return `${total} tables in ${vgroups.length} vgroups: ${each}`;
}
