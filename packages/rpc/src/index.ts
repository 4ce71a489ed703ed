export type {
  FragmentStream,
  VnodeConfig,
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
