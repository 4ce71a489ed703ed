export { ARBITRATOR, NOBODY, NO_IN_SYNC } from './core/types.ts';
export type {
  Config,
  ConfigAt,
  ConfigChange,
  CoreOptions,
  CoreStart,
  HardState,
  InSyncSet,
  LogView,
  Refusal,
  RefusalReason,
  ReplicaId,
  Role,
} from './core/types.ts';
export type { AppendOrder, Input, Output, OwnEntry } from './core/step-types.ts';
export { ReplicaCore } from './core/core.ts';
export type { PeerView } from './core/core.ts';
export { ArbitratorCore, NEW_ARBITRATOR_STATE } from './core/arbitrator.ts';
export type { ArbitratorInput, ArbitratorOutput, ArbitratorState } from './core/arbitrator.ts';
export { decodeConfig, encodeConfig } from './core/config-codec.ts';
export { decodeMessage, encodeMessage } from './messages/codec.ts';
export type { Message, MessageKind } from './messages/message.ts';
export { PROTOCOL_VERSION } from './messages/version.ts';
export { Arbitrator } from './driver/arbitrator.ts';
export type { ArbitratorServices } from './driver/arbitrator.ts';
export { foundReplica, hasReplica } from './driver/found-replica.ts';
export { refusalError } from './driver/refusal-error.ts';
export { OwnRecordType } from './driver/replica-log.ts';
export { Replica } from './driver/replica.ts';
export type { Core, ReplicaOptions, ReplicaServices } from './driver/replica-services.ts';
export type {
  SnapshotFile,
  SnapshotSource,
  StagedFile,
  StateMachine,
} from './driver/state-machine.ts';
export { Bandwidth } from './restore/bandwidth.ts';
export { Transport } from './transport/transport.ts';
export type { FrameListener, PeerEvent, TransportOptions } from './transport/transport.ts';
export type { PeerAddress } from './transport/peer.ts';
export type { SendLane } from './transport/send-queue.ts';
