/** Two dnodes behind one client: both take their part, and one goes on alone. */
import {
  ErrorCode,
  SqlType,
  TaosError,
  systemClock,
  type Batch,
  type StrVector,
} from '@tdnode/common';
import { afterEach, expect, test } from 'vitest';
import { listeningServer } from '../../test/nodes.ts';
import { registerSqlCalls, type SqlAnswer, type SqlBackend } from '../server/sql-handler.ts';
import { answerRows } from './answer-rows.ts';
import { ClusterClient } from './cluster-client.ts';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function texts(values: readonly string[]): StrVector {
  const encoded = values.map((value) => Buffer.from(value));
  const offsets = new Uint32Array(values.length + 1);
  encoded.forEach((bytes, i) => (offsets[i + 1] = offsets[i]! + bytes.length));
  return {
    kind: 'str',
    offsets,
    bytes: new Uint8Array(Buffer.concat(encoded)),
    nulls: undefined,
    nullCount: 0,
  };
}

/** What `show dnodes` answers: end points and whether they are ready. */
function dnodes(rows: readonly (readonly [string, string])[]): SqlAnswer {
  const column = (name: string) => ({ name, type: SqlType.BINARY, bytes: 134 });
  const batch: Batch = {
    rows: rows.length,
    columns: [texts(rows.map(([endPoint]) => endPoint)), texts(rows.map(([, status]) => status))],
  };
  return {
    kind: 'rows',
    columns: [column('end_point'), column('status')],
    precision: 'ms',
    batches: [batch],
  };
}

type Answer = (sql: string) => SqlAnswer;

interface FakeDnode {
  readonly endPoint: string;
  readonly asked: string[];
  readonly close: () => Promise<void>;
}

async function dnode(answer: Answer): Promise<FakeDnode> {
  const asked: string[] = [];
  const backend: SqlBackend = {
    authenticate: () => Promise.resolve(),
    execute(sql) {
      const text = new TextDecoder().decode(sql);
      asked.push(text);
      return Promise.resolve().then(() => answer(text));
    },
    greet: () => ({ version: '', timezone: 'UTC', endPoints: [] }),
    leave: () => {},
  };
  const { server, endPoint } = await listeningServer((it) => registerSqlCalls(it, backend));
  const close = (): Promise<void> => server.close();
  closing.push(close);
  return { endPoint, asked, close };
}

function clientOf(endPoint: string, silent: string[], patienceMs = 2000): ClusterClient {
  const client = new ClusterClient({
    endPoints: [endPoint],
    user: 'root',
    password: 'taosdata',
    program: 'test',
    clock: systemClock,
    patienceMs,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    onSilent: (one) => silent.push(one),
  });
  closing.push(() => client.close());
  return client;
}

const stored: SqlAnswer = { kind: 'affected', rows: 1 };

/** Two dnodes that know each other, and one that is offline, and one that cannot be reached. */
async function cluster(answer: Answer): Promise<readonly [FakeDnode, FakeDnode]> {
  const all: FakeDnode[] = [];
  const each: Answer = (sql) =>
    sql === 'show dnodes'
      ? dnodes([
          ...all.map(({ endPoint }) => [endPoint, 'ready'] as const),
          ['nowhere.invalid:6030', 'ready'],
          ['127.0.0.1:1', 'offline'],
        ])
      : answer(sql);
  all.push(await dnode(each), await dnode(each));
  return [all[0]!, all[1]!];
}

test('dnodes are learned, take turns, and one that went away is passed over', async () => {
  const [one, other] = await cluster(() => stored);
  const silent: string[] = [];
  const client = clientOf(one.endPoint, silent);
  expect(await client.discover()).toEqual(['nowhere.invalid:6030']);
  expect(client.endPoints).toEqual([one.endPoint, other.endPoint]);
  for (let turn = 0; turn < 4; turn++) await client.execute(`insert ${turn}`, { turn });
  const inserts = ({ asked }: FakeDnode): string[] =>
    asked.filter((sql) => sql.startsWith('insert'));
  expect([inserts(one), inserts(other)]).toEqual([
    ['insert 0', 'insert 2'],
    ['insert 1', 'insert 3'],
  ]);
  await other.close();
  await client.execute(new TextEncoder().encode('insert 5'), { turn: 5 });
  await client.execute('insert 7', { turn: 7 });
  expect(inserts(one)).toEqual(['insert 0', 'insert 2', 'insert 5', 'insert 7']);
  expect(silent).toEqual([other.endPoint]);
});

test('what passes is waited for, what is wrong is thrown at once', async () => {
  let isReady = false;
  const [one] = await cluster((sql) => {
    if (sql === 'wrong') throw new TaosError(ErrorCode.TSC_SQL_SYNTAX_ERROR);
    if (sql === 'never' || (!isReady && sql === 'soon')) {
      isReady = true;
      throw new TaosError(ErrorCode.VND_NOT_SYNCED);
    }
    return stored;
  });
  const client = clientOf(one.endPoint, [], 50);
  expect(await client.execute('soon')).toEqual(stored);
  await expect(client.execute('wrong')).rejects.toMatchObject({
    code: ErrorCode.TSC_SQL_SYNTAX_ERROR,
  });
  expect(one.asked.filter((sql) => sql === 'wrong')).toHaveLength(1);
  await expect(client.execute('never')).rejects.toMatchObject({ code: ErrorCode.VND_NOT_SYNCED });
});

test('a small answer as rows', async () => {
  expect((await answerRows(dnodes([['a:1', 'ready']]))).rows).toEqual([['a:1', 'ready']]);
  expect((await answerRows(stored)).rows).toEqual([]);
});
