/** `-k`: reads one row of every table of a database, some at a time, and says which cannot be read. */
import { TaosError, vectorValue } from '@tdnode/common';
import type { Server } from '../connection/server.ts';
import { failureText } from '../print/failure.ts';
import type { Screen } from './screen.ts';

/** What a check found. */
export interface CheckResult {
  readonly tables: number;
  readonly failed: number;
}

const decoder = new TextDecoder();

/** Checks the database in use; throws TaosError where its tables cannot even be listed. */
export async function checkTables(
  server: Server,
  screen: Screen,
  threads: number,
): Promise<CheckResult> {
  const names = await tableNames(server);
  let failed = 0;
  const next = names.values();
  const work = async (): Promise<void> => {
    for (const name of next) {
      const sql = `select * from ${name} limit 1`;
      try {
        await drain(server, sql);
      } catch (error) {
        if (!(error instanceof TaosError)) throw error;
        failed++;
        await screen.write(`table ${name}: ${failureText(error, sql)}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  await screen.write(`total ${names.length} tables, ${failed} cannot be read\n`);
  return { tables: names.length, failed };
}

async function tableNames(server: Server): Promise<string[]> {
  const names: string[] = [];
  const answer = await server.execute('show tables');
  if (answer.kind !== 'rows') return names;
  for await (const batch of answer.batches) {
    for (let row = 0; row < batch.rows; row++) {
      const name = vectorValue(batch.columns[0]!, row);
      if (name instanceof Uint8Array) names.push(decoder.decode(name));
    }
  }
  return names;
}

async function drain(server: Server, sql: string): Promise<void> {
  const answer = await server.execute(sql);
  if (answer.kind === 'affected') return;
  let rows = 0;
  for await (const batch of answer.batches) rows += batch.rows;
}
