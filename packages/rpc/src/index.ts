export type {
  FragmentStream,
  VnodeConfig,
  VnodeReplicationStats,
  VnodeService,
  VnodeStats,
  WriteKind,
  WriteResult,
} from './services/vnode-service.ts';
export type {
  AdminResult,
  CatalogChange,
  DbMeta,
  MnodeService,
  ResultColumn,
  Session,
  TableMeta,
  UserMeta,
  VgroupMeta,
} from './services/mnode-service.ts';
export {
  decodeChanges,
  encodeChanges,
  readSchema,
  readTagValue,
  visitNewTables,
  writeSchema,
  writeTagValue,
} from './services/change.ts';
export type { Change, NewTable } from './services/change.ts';
export type {
  ClusterParameters,
  DnodeAddress,
  DnodeCommands,
  DnodeRole,
  HostLoad,
  MemberChange,
  ReplicaRole,
  StatusAnswer,
  StatusReport,
  VgroupMembers,
  VnodeCommand,
  VnodeReport,
  VnodeStart,
} from './services/cluster-status.ts';
export type { StreamDefinition, StreamProgress } from './services/stream.ts';
export type {
  DnodeOperations,
  DnodeWork,
  ListedConnection,
  ListedQuery,
  WorkTarget,
} from './services/dnode-operations.ts';
export { Authenticator, hashOf, sameText } from './auth/authenticator.ts';
export type { Caller, NodeIdentity, SignedRequest } from './auth/authenticator.ts';
export { VerifiedCredentials } from './auth/verified-credentials.ts';
export { deriveClusterKeys } from './auth/cluster-key.ts';
export type { ClusterKeys } from './auth/cluster-key.ts';
export { loadTls } from './auth/tls.ts';
export { watchTls } from './auth/tls-mismatch.ts';
export type { TlsConfig, TlsOptions } from './auth/tls.ts';
export { RareLog } from './limits/rare-log.ts';
export { decode, encode } from './codec/encode.ts';
export { plainObject } from './codec/plain-data.ts';
export * from './codec/shape.ts';
export { defineCall, defineStream } from './messages/call.ts';
export type { Call, CallOptions, StreamCall } from './messages/call.ts';
export {
  NetworkError,
  RedirectError,
  errorOf,
  failureOf,
  failureShape,
} from './messages/failure.ts';
export { networkFailure } from './client/network-failure.ts';
export { ping } from './messages/ping.ts';
export type { PingAnswer } from './messages/ping.ts';
export { PROTOCOL_VERSION } from './messages/protocol-version.ts';
export { status } from './messages/status.ts';
export { RpcServer } from './server/rpc-server.ts';
export type { CallContext, RawDoor, RpcServerOptions } from './server/rpc-server.ts';
export {
  registerDnodeCommands,
  registerDnodeOperations,
  registerPing,
  registerStatusCall,
} from './server/dnode-handlers.ts';
export { registerMnodeCalls } from './server/mnode-handlers.ts';
export type { MnodeGate } from './server/mnode-handlers.ts';
export { registerSqlCalls } from './server/sql-handler.ts';
export type { SqlAnswer, SqlBackend, SqlCaller } from './server/sql-handler.ts';
export type { SqlConnection, SqlWelcome } from './messages/sql.ts';
export { registerVnodeCalls } from './server/vnode-handlers.ts';
export { MasterFinder } from './client/master-finder.ts';
export type { MasterFinderOptions } from './client/master-finder.ts';
export { RemoteDnodeCommands } from './client/remote-dnode-commands.ts';
export { RemoteDnodeOperations } from './client/remote-dnode-operations.ts';
export { RemoteMnodeService } from './client/remote-mnode-service.ts';
export { RemoteVnodeService } from './client/remote-vnode-service.ts';
export { RpcClient } from './client/rpc-client.ts';
export type { CallLimits, RpcClientOptions } from './client/rpc-client.ts';
export { answerRows } from './client/answer-rows.ts';
export type { AnswerRows, AnswerValue } from './client/answer-rows.ts';
export { ClusterClient } from './client/cluster-client.ts';
export type { ClusterClientOptions, ClusterSettings } from './client/cluster-client.ts';
export { SqlClient } from './client/sql-client.ts';
export type { SqlClientOptions, SqlSettings } from './client/sql-client.ts';
export { optionsHash } from './services/cluster-status.ts';
