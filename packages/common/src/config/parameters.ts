/**
 * Every parameter of taos.cfg, one row each, in the order in which 2.1.2 dumps them: name, type, default,
 * range, flags, meaning, unit. The loader, `show variables`, `taosd -C` and docs/reference/config.md all
 * come from this table. Our own parameters stand at the end.
 *
 * Flags: `server`, `client` (who reads it), `show` (in `show variables`), `clusterWide` (must be equal on all
 * dnodes), `alterable` (`alter dnode` accepts it), `log`, `hidden` (not dumped), `secret` (dumped as stars),
 * `fixed` (of the build; a file cannot set it). An empty default of a text is worked out from the host.
 */

/** Whole numbers by the width that 2.1.2 keeps them in, and floats. */
export type NumberType = 'int8' | 'int16' | 'uint16' | 'int32' | 'float';

/** A numeric parameter: `min` and `max` belong to the range. */
export interface NumberParameter {
  readonly kind: 'number';
  readonly type: NumberType;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly flags: string;
  readonly meaning: string;
}

/** A text parameter, 1 to `maxLength` bytes long where it is set. */
export interface TextParameter {
  readonly kind: 'text';
  readonly type: 'string' | 'folder';
  readonly default: string;
  readonly maxLength: number;
  readonly unit: string;
  readonly flags: string;
  readonly meaning: string;
}

/** One row of the table. */
export type Parameter = NumberParameter | TextParameter;

type NumberRow = (
  standard: number,
  min: number,
  max: number,
  flags: string,
  meaning: string,
  unit?: string,
) => NumberParameter;

function numberRow(type: NumberType): NumberRow {
  return (standard, min, max, flags, meaning, unit = '') => ({
    kind: 'number',
    type,
    default: standard,
    min,
    max,
    unit,
    flags,
    meaning,
  });
}

const int8 = numberRow('int8');
const int16 = numberRow('int16');
const uint16 = numberRow('uint16');
const int32 = numberRow('int32');
const float = numberRow('float');

function text(
  standard: string,
  maxLength: number,
  flags: string,
  meaning: string,
  type: 'string' | 'folder' = 'string',
): TextParameter {
  return { kind: 'text', type, default: standard, maxLength, unit: '', flags, meaning };
}

/** The secret of a cluster that set none: known to everybody, so the start-up warns of it. */
export const DEFAULT_CLUSTER_SECRET = 'tdnode';

/** The table. */
export const parameters = {
  firstEp: text(
    '',
    134,
    'client server',
    'The end point (fqdn:port) that a new dnode asks first for its cluster; the dnode that is its own firstEp founds the cluster. Matters only until the first join.',
  ),
  secondEp: text('', 134, 'client server', 'Asked when firstEp does not answer.'),
  fqdn: text(
    '',
    128,
    'client server',
    "The name under which the other dnodes and the clients reach this host; it must resolve here and there. With serverPort it is this dnode's end point.",
  ),
  serverPort: uint16(
    6030,
    1,
    65056,
    'client server show',
    'Port of cluster RPC and shell; replication listens on serverPort+10, REST on serverPort+11.',
  ),
  configDir: text(
    '/etc/taos',
    128,
    'client server',
    'Folder that taos.cfg was read from; set by -c.',
    'folder',
  ),
  logDir: text(
    '/var/log/taos',
    128,
    'client server log',
    'Folder of taosdlog.0 and taosdlog.1; must be writable.',
    'folder',
  ),
  scriptDir: text(
    '/etc/taos',
    128,
    'client server',
    'Accepted for old configuration files; nothing reads it.',
    'folder',
  ),
  dataDir: text(
    '/var/lib/taos',
    128,
    'server',
    'Folder of all data; must be writable and belong to one taosd only. A level and `primary` may follow; one folder is used.',
    'folder',
  ),
  arbitrator: text(
    '',
    134,
    'client server show clusterWide',
    'End point of tarbitrator, the vote that breaks a tie between two replicas; empty: none.',
  ),
  numOfThreadsPerCore: float(
    1,
    0,
    10,
    'client server',
    'Engine threads a core; the number of engines is cores times this, at least one.',
  ),
  numOfCommitThreads: int32(
    4,
    1,
    100,
    'server alterable',
    'Most commits of memory tables into files that may run at once.',
  ),
  ratioOfQueryCores: float(
    1,
    0,
    2,
    'server',
    'Share of the cores that queries may take; 0 leaves them one thread.',
  ),
  numOfMnodes: int32(
    3,
    1,
    3,
    'server show clusterWide alterable',
    'Most dnodes that carry the metadata; an odd number survives more.',
  ),
  vnodeBak: int8(
    1,
    0,
    1,
    'server show alterable',
    '1: a removed vnode is moved to dataDir/vnode_bak; 0: it is deleted at once.',
  ),
  telemetryReporting: int8(
    1,
    0,
    1,
    'server show alterable',
    'Accepted and without effect: nothing is ever sent home.',
  ),
  balance: int8(
    1,
    0,
    1,
    'server show clusterWide alterable',
    '1: vnodes move by themselves from loaded dnodes to idle ones; 0: only dropping and replica changes move them.',
  ),
  balanceInterval: int32(
    300,
    1,
    30000,
    'server show alterable',
    'How often the balance between dnodes is looked at.',
  ),
  role: int8(
    0,
    0,
    2,
    'server alterable',
    '0: any; 1: mnode only, takes no vnodes; 2: vnodes only, gets no mnode.',
  ),
  maxTmrCtrl: int32(
    512,
    8,
    2048,
    'server show alterable',
    'Accepted for old configuration files; timers have no such limit here.',
  ),
  monitorInterval: int32(
    30,
    1,
    600,
    'server alterable',
    'How often the monitor writes its sample.',
    's',
  ),
  offlineThreshold: int32(
    864000,
    3,
    31536000,
    'server show clusterWide alterable',
    'A dnode that was silent for so long is dropped from the cluster.',
    's',
  ),
  rpcTimer: int32(
    300,
    100,
    3000,
    'client server alterable',
    'How long an RPC waits before it is sent again.',
    'ms',
  ),
  rpcForceTcp: int32(
    0,
    0,
    1,
    'client server alterable',
    'Accepted for old configuration files; RPC always runs over TCP here.',
  ),
  rpcMaxTime: int32(
    600,
    100,
    7200,
    'client server alterable',
    'How long an RPC may take altogether before it fails.',
    's',
  ),
  statusInterval: int32(
    1,
    1,
    10,
    'server show clusterWide alterable',
    'How often a dnode reports to the mnode; three missed reports make it offline.',
    's',
  ),
  shellActivityTimer: int32(
    3,
    1,
    120,
    'client server alterable',
    'How often a client reports that it lives.',
    's',
  ),
  minSlidingTime: int32(
    10,
    10,
    1000000,
    'server show alterable',
    'Shortest sliding of a window.',
    'ms',
  ),
  minIntervalTime: int32(
    10,
    1,
    1000000,
    'server show alterable',
    'Shortest interval of a window.',
    'ms',
  ),
  maxStreamCompDelay: int32(
    20000,
    10,
    1000000000,
    'server show alterable',
    'Longest delay before a continuous query computes a window.',
    'ms',
  ),
  maxFirstStreamCompDelay: int32(
    10000,
    1000,
    1000000000,
    'server show alterable',
    'Longest delay before the first computation of a continuous query.',
    'ms',
  ),
  retryStreamCompDelay: int32(
    10000,
    10,
    1000000000,
    'server show alterable',
    'Delay before a failed computation of a continuous query is tried again.',
    'ms',
  ),
  streamCompDelayRatio: float(
    0.1,
    0.1,
    0.9,
    'server show',
    'Delay of a continuous query as a share of its window.',
  ),
  maxVgroupsPerDb: int32(
    0,
    0,
    8192,
    'server show clusterWide alterable',
    'Most vgroups of one database; 0: as many as the cluster has cores, at least 2, at most 64.',
  ),
  maxTablesPerVnode: int32(
    1000000,
    4,
    10000000,
    'server show clusterWide alterable',
    'Most tables of one vnode; when all are full, creating a table fails.',
  ),
  minTablesPerVnode: int32(
    1000,
    4,
    10000000,
    'server show alterable',
    'Tables that a new vgroup has room for before the next vgroup is made.',
  ),
  tableIncStepPerVnode: int32(
    1000,
    4,
    10000000,
    'server show alterable',
    'By how many tables the room of the vgroups grows once all vgroups exist.',
  ),
  cache: int32(
    16,
    1,
    128,
    'server show alterable',
    'Size of one memory block of a vnode; default of create database.',
    'Mb',
  ),
  blocks: int32(
    6,
    3,
    10000,
    'server show alterable',
    'Memory blocks of a vnode; cache times blocks is its write memory. Default of create database.',
  ),
  days: int16(
    10,
    1,
    3650,
    'server show',
    'Days of data in one file partition; default of create database.',
  ),
  keep: int32(
    3650,
    1,
    365000,
    'server show alterable',
    'Days that data is kept; default of create database.',
  ),
  minRows: int32(
    100,
    10,
    1000,
    'server show alterable',
    'Fewest rows of a block in a file; default of create database.',
  ),
  maxRows: int32(
    4096,
    200,
    10000,
    'server show alterable',
    'Most rows of a block in a file; default of create database.',
  ),
  comp: int8(
    2,
    0,
    2,
    'server show alterable',
    '0: no compression; 1: encodings; 2: encodings and a general compressor. Default of create database.',
  ),
  walLevel: int8(
    1,
    0,
    2,
    'server show alterable',
    '1: log without fsync; 2: log with fsync. Default of create database.',
  ),
  fsync: int32(
    3000,
    0,
    180000,
    'server show alterable',
    'With walLevel 2: ms between two fsyncs of the log; 0: after each batch. Default of create database.',
  ),
  replica: int32(
    1,
    1,
    3,
    'server show alterable',
    'Replicas of each vgroup; default of create database.',
  ),
  partitions: int16(
    4,
    0,
    1000,
    'server show',
    'Accepted for old configuration files; default of create database.',
  ),
  quorum: int32(
    1,
    1,
    2,
    'server show alterable',
    'Replicas, the master among them, that have a write before it is acknowledged; default of create database.',
  ),
  update: int8(
    0,
    0,
    1,
    'server show alterable',
    '0: the first row of a time stamp stays; 1: the last one replaces it. Default of create database.',
  ),
  mqttHostName: text('test.mosquitto.org', 64, 'server hidden', 'Accepted and without effect.'),
  mqttPort: text('1883', 8, 'server hidden', 'Accepted and without effect.'),
  mqttTopic: text('/test', 64, 'server hidden', 'Accepted and without effect.'),
  compressMsgSize: int32(
    -1,
    -1,
    100000000,
    'client server show alterable',
    'RPC messages longer than this are compressed; -1: never.',
  ),
  maxSQLLength: int32(
    1048576,
    65480,
    1048576,
    'client server show alterable',
    'Longest statement; a longer one is refused with code 537.',
    'byte',
  ),
  maxNumOfOrderedRes: int32(
    100000,
    65480,
    1048576,
    'client server show alterable',
    'Most rows that order by sorts for one client over a stable.',
  ),
  queryBufferSize: int32(
    -1,
    -1,
    500000000000,
    'server show alterable',
    'Memory that all running queries may take together, MB; -1: no limit.',
    'byte',
  ),
  retrieveBlockingModel: int32(
    0,
    0,
    1,
    'server show alterable',
    'Accepted for old configuration files; results are always streamed.',
  ),
  keepColumnName: int8(
    0,
    0,
    1,
    'client server show alterable',
    '1: the head of first, last, max … is the bare column name.',
  ),
  timezone: text(
    '',
    96,
    'client server show clusterWide',
    'Rules time literals, printed times and calendar windows: an IANA name, or UTC-8 with POSIX sign (eight hours east). Only the first word counts.',
  ),
  locale: text('', 64, 'client server show', 'Accepted; text is UTF-8 everywhere.'),
  charset: text(
    '',
    64,
    'client server show',
    'Character set of clients; text is UTF-8 everywhere.',
  ),
  maxShellConns: int32(
    50000,
    10,
    50000000,
    'server show alterable',
    'Most connections of one shell user.',
  ),
  maxConnections: int32(
    5000,
    1,
    100000,
    'server show alterable',
    'Most client connections that a dnode accepts at once.',
  ),
  minimalLogDirGB: float(
    1,
    0.001,
    10000000,
    'server show',
    'Less free space than this under logDir and the log stops growing.',
    'GB',
  ),
  minimalTmpDirGB: float(
    1,
    0.001,
    10000000,
    'server show',
    'Less free space than this under tempDir and queries stop spilling.',
    'GB',
  ),
  minimalDataDirGB: float(
    2,
    0.001,
    10000000,
    'server show',
    'Less free space than this under dataDir and no new vnode is placed here.',
    'GB',
  ),
  mnodeEqualVnodeNum: int32(
    4,
    0,
    1000,
    'server show clusterWide alterable',
    'How many vnodes an mnode weighs when load is balanced.',
  ),
  flowctrl: int8(
    1,
    0,
    1,
    'server show clusterWide alterable',
    '1: writers are slowed down when a replica falls behind.',
  ),
  slaveQuery: int8(1, 0, 1, 'server show clusterWide alterable', '1: slaves answer queries too.'),
  adjustMaster: int8(
    1,
    0,
    1,
    'server show clusterWide alterable',
    '1: masters are spread evenly by handing mastership over.',
  ),
  http: int8(1, 0, 1, 'server show alterable', '1: REST is served on serverPort+11.'),
  mqtt: int8(0, 0, 1, 'server show alterable', 'Accepted and without effect.'),
  monitor: int8(
    1,
    0,
    1,
    'server show alterable',
    '1: samples of the system are written into the database log.',
  ),
  stream: int8(1, 0, 1, 'server show alterable', '1: continuous queries run.'),
  httpEnableRecordSql: int8(
    0,
    0,
    1,
    'server alterable',
    '1: statements that come in over REST are written to the log.',
  ),
  telegrafUseFieldNum: int8(
    0,
    0,
    1,
    'server show alterable',
    "Names of the tables that Telegraf's metrics go to.",
  ),
  httpMaxThreads: int32(
    2,
    2,
    1000000,
    'server alterable',
    'Accepted for old configuration files; one thread serves REST.',
  ),
  restfulRowLimit: int32(
    10240,
    1,
    10000000,
    'server alterable',
    'Most rows in one REST answer; what is beyond is cut and marked "truncated":true.',
  ),
  numOfLogLines: int32(
    10000000,
    1000,
    2000000000,
    'client server log alterable',
    'Lines of one log file before the log goes on in the other.',
  ),
  logKeepDays: int32(
    0,
    -365000,
    365000,
    'client server log alterable',
    '0: two files take turns; n > 0: full files are kept n days as taosdlog.<seconds>; n < 0: the same, compressed.',
  ),
  asyncLog: int8(
    1,
    0,
    1,
    'client server log alterable',
    '1: log lines are written in the background; 0: each is on its way to the disk before the work goes on.',
  ),
  debugFlag: int32(
    0,
    0,
    255,
    'client server log alterable',
    'Not 0: replaces the flag of every module. Bits: 1 error, 2 warning and information, 4 debug, 8 trace, 64 to the terminal, 128 to the file.',
  ),
  mDebugFlag: int32(131, 0, 255, 'server log alterable', 'What the mnode logs.'),
  dDebugFlag: int32(135, 0, 255, 'server log alterable', 'What the dnode logs.'),
  sDebugFlag: int32(135, 0, 255, 'server log alterable', 'What replication logs.'),
  wDebugFlag: int32(135, 0, 255, 'server log alterable', 'What the write-ahead log logs.'),
  sdbDebugFlag: int32(131, 0, 255, 'server log alterable', 'What the metadata store logs.'),
  rpcDebugFlag: int32(131, 0, 255, 'client server log alterable', 'What RPC logs.'),
  tmrDebugFlag: int32(131, 0, 255, 'client server log alterable', 'What timers log.'),
  cDebugFlag: int32(131, 0, 255, 'client server log alterable', 'What the client library logs.'),
  jniDebugFlag: int32(131, 0, 255, 'client server log alterable', 'What the Java connector logs.'),
  odbcDebugFlag: int32(131, 0, 255, 'client server log alterable', 'What the ODBC connector logs.'),
  uDebugFlag: int32(131, 0, 255, 'client server log alterable', 'What the common parts log.'),
  httpDebugFlag: int32(131, 0, 255, 'server log alterable', 'What REST logs.'),
  mqttDebugFlag: int32(131, 0, 255, 'server log alterable', 'Accepted and without effect.'),
  monDebugFlag: int32(131, 0, 255, 'server log alterable', 'What the monitor logs.'),
  qDebugFlag: int32(131, 0, 255, 'client server log alterable', 'What queries log.'),
  vDebugFlag: int32(135, 0, 255, 'server log alterable', 'What vnodes log.'),
  tsdbDebugFlag: int32(131, 0, 255, 'client server log alterable', 'What storage logs.'),
  cqDebugFlag: int32(131, 0, 255, 'server log alterable', 'What continuous queries log.'),
  enableRecordSql: int8(
    0,
    0,
    1,
    'server alterable',
    '1: statements are written to a file of their own.',
  ),
  enableCoreFile: int8(0, 0, 1, 'server alterable', 'Accepted and without effect.'),
  gitinfo: text('no git commit id', 128, 'client server fixed show', "The build's commit."),
  gitinfoOfInternal: text('', 128, 'client server fixed show', 'Always empty.'),
  buildinfo: text(
    'Built at 2026-11-22 00:00:00',
    128,
    'client server fixed show',
    'When this was built.',
  ),
  version: text(
    '2.1.2.0',
    128,
    'client server fixed show',
    'The TDengine version that this server is compatible with.',
  ),
  maxBinaryDisplayWidth: int32(
    30,
    1,
    65536,
    'client server alterable',
    'Characters of a string column that the shell prints.',
  ),
  tempDir: text('/tmp/', 128, 'client server', 'Folder for what queries spill.'),
  clusterSecret: text(
    DEFAULT_CLUSTER_SECRET,
    128,
    'server secret',
    'Dnodes prove to each other with it that they belong together; equal on all of them, and known to nobody else. The default is public: change it before a second host joins.',
  ),
} as const;

/** A name in the table. */
export type ParameterName = keyof typeof parameters;

/** All values, typed by their rows. */
export type Config = {
  readonly [N in ParameterName]: (typeof parameters)[N] extends NumberParameter ? number : string;
};

/** All names, in the table's order. */
export const parameterNames = Object.keys(parameters) as readonly ParameterName[];

/** Whether a row carries a flag. */
export function hasFlag(name: ParameterName, flag: string): boolean {
  return parameters[name].flags.split(' ').includes(flag);
}
