/** `-x`: aggregates over what was stored, timed, as 2.1.2 asks them: over one table, over the stable, by tag. */
import type { TableFamily } from './create.ts';
import type { Run } from './insert-job.ts';

/** Asks and prints. */
export async function askAggregates(
  family: TableFamily,
  { doors, terminal, stop }: Run,
): Promise<void> {
  const { job, db } = family;
  const door = doors.door(job.via);
  const first = job.columns[0]!.name;
  const functions = [
    '*',
    'count(*)',
    ...['avg', 'sum', 'max', 'min', 'first', 'last'].map((f) => `${f}(${first})`),
  ];
  const isText = job.columns[0]!.type === 'BINARY' || job.columns[0]!.type === 'NCHAR';
  const asked = isText ? ['*', 'count(*)', `first(${first})`, `last(${first})`] : functions;
  const conditions = job.isNormal ? [''] : ['', ` where ${job.tags[0]!.name} = 1`];
  const from = job.isNormal ? family.name(0) : `${db}.${job.stable}`;
  for (const condition of conditions) {
    terminal.line(condition === '' ? `Querying ${from}` : `Where condition:${condition.slice(6)}`);
    terminal.line('|           select |         rows |  QLatency(ms) |');
    for (const one of asked) {
      if (stop.isAsked) return;
      // All rows of a large stable are of no use here: the first 100,000 show how fast they come.
      const limit = one === '*' ? ' limit 100000' : '';
      const started = performance.now();
      const { rows } = await door.rows(`select ${one} from ${from}${condition}${limit}`, {
        turn: 0,
      });
      const ms = (performance.now() - started).toFixed(2);
      terminal.line(
        `| ${one.padStart(16)} | ${String(rows.length).padStart(12)} | ${ms.padStart(13)} |`,
      );
    }
    terminal.line('');
  }
}
