/** The parameters of the log and the build, and at the end our own. */
import { int32, int8, text } from './row.ts';

/** The secret of a cluster that set none: known to everybody, so the start-up warns of it. */
export const DEFAULT_CLUSTER_SECRET = 'tdnode';

/** Rows in the order of the dump. */
export const logParameters = {
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
  tlsCert: text(
    '',
    512,
    'server',
    'File with the certificate (PEM) of this dnode, for RPC and replication. Empty: connections between dnodes are signed, but not encrypted. All dnodes alike.',
  ),
  tlsKey: text('', 512, 'server', 'File with the private key (PEM) of tlsCert.'),
  tlsCa: text(
    '',
    512,
    'server',
    'File with the certificates (PEM) of those who sign the certificates of dnodes. Empty: the public authorities.',
  ),
} as const;
