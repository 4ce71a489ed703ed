/** The layers of docs/architecture.md, for the test that holds all imports against them. */

/** Package → layer; an import goes to a lower number only. */
export const LAYERS: Readonly<Record<string, number>> = {
  common: 0,
  testkit: 0.5,
  sql: 1,
  rpc: 1,
  wal: 1,
  query: 2,
  tsdb: 2,
  sync: 2,
  taosc: 3,
  vnode: 3,
  mnode: 3,
  sim: 3.5,
  http: 4,
  dnode: 4,
  monitor: 4,
  taos: 5,
  taosd: 5,
  tarbitrator: 5,
  taosdemo: 5,
  taosdump: 5,
};

/** Folders whose files are functions of their inputs: no disk, clock, luck, socket or timer of their own. */
export const PURE_FOLDERS: readonly string[] = [
  'common/src/block',
  'common/src/bytes',
  'common/src/errors',
  'common/src/names',
  'common/src/time',
  'common/src/types',
  'sql/',
  'rpc/src/codec',
  'rpc/src/messages',
  'rpc/src/services',
  'sync/src/core',
  'sync/src/messages',
  'wal/',
  'query/',
  'tsdb/',
  'mnode/src/allocate',
  'mnode/src/balance',
  'mnode/src/cluster',
  'mnode/src/sdb',
];

/** Packages of which every export has a docstring; the list only grows. */
export const DOCUMENTED: ReadonlySet<string> = new Set([
  'common',
  'http',
  'sql',
  'taos',
  'taosc',
  'taosd',
  'taosdemo',
  'taosdump',
  'testkit',
  'tsdb',
  'wal',
]);
