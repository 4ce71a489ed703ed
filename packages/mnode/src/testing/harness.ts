/** Opens an mnode over a file system in memory, and prints answers as the REST door would. */
import {
  TaosError,
  silentLogger,
  vectorValue,
  type Batch,
  type FileSystem,
  SqlType,
} from '@tdnode/common';
import type { AdminResult, ResultColumn, Session } from '@tdnode/rpc';
import { ManualClock, MemoryFileSystem } from '@tdnode/testkit';
import { defaultMnodeConfig, type MnodeConfig } from '../config.ts';
import { openMnode, type Mnode } from '../mnode.ts';
import { FakeVnodes } from './fake-vnodes.ts';

export interface Harness {
  readonly mnode: Mnode;
  readonly vnodes: FakeVnodes;
  readonly fs: FileSystem;
}

export const rootSession: Session = { user: 'root', db: undefined, timezone: 'UTC' };

/** Opens (or opens again, with the same `fs` and `vnodes`) an mnode with two cores. */
export async function openHarness(
  options: {
    readonly fs?: FileSystem;
    readonly vnodes?: FakeVnodes;
    readonly config?: MnodeConfig;
    readonly variables?: readonly (readonly [string, string])[];
  } = {},
): Promise<Harness> {
  const fs = options.fs ?? new MemoryFileSystem();
  const vnodes = options.vnodes ?? new FakeVnodes();
  const mnode = await openMnode({
    fs,
    dir: '/data/mnode',
    clock: new ManualClock(),
    logger: silentLogger,
    vnodes,
    config: options.config ?? defaultMnodeConfig,
    dnode: { id: 1, endPoint: 'localhost:6030', cores: 2 },
    variables: () => options.variables ?? [['numOfMnodes', '3']],
  });
  return { mnode, vnodes, fs };
}

/** A recorded answer: status, and code and text, or head, meta and rows. */
export interface Answer {
  readonly status: 'succ' | 'error';
  readonly code?: number;
  readonly desc?: string;
  readonly head?: readonly string[];
  readonly column_meta?: readonly (readonly [string, number, number])[];
  readonly data?: readonly (readonly unknown[])[];
  readonly rows?: number;
}

/** Runs one statement and gives the answer in REST's shape. */
export async function answerOf(
  mnode: Mnode,
  sql: string,
  session: Session = rootSession,
): Promise<Answer> {
  try {
    return toAnswer(await mnode.execute(sql, session));
  } catch (error) {
    if (!(error instanceof TaosError)) throw error;
    return { status: 'error', code: error.code, desc: error.message };
  }
}

function toAnswer(result: AdminResult): Answer {
  if (result.kind === 'affected') {
    const columns = result.columns ?? [{ name: 'affected_rows', type: SqlType.INT, bytes: 4 }];
    return withHead(columns, [[result.rows]]);
  }
  return withHead(
    result.columns,
    result.batches.flatMap((batch) => rowsOf(batch, result.columns)),
  );
}

function withHead(columns: readonly ResultColumn[], data: readonly (readonly unknown[])[]): Answer {
  return {
    status: 'succ',
    head: columns.map((column) => column.name),
    column_meta: columns.map(({ name, type, bytes }) => [name, type, bytes]),
    data,
    rows: data.length,
  };
}

const decoder = new TextDecoder();

function rowsOf(batch: Batch, columns: readonly ResultColumn[]): unknown[][] {
  return Array.from({ length: batch.rows }, (_, row) =>
    batch.columns.map((vector, i) => {
      const value = vectorValue(vector, row);
      if (columns[i]!.type === SqlType.TIMESTAMP)
        return new Date(Number(value)).toISOString().replace('T', ' ').slice(0, -1);
      return value instanceof Uint8Array ? decoder.decode(value) : value;
    }),
  );
}
