/** What a replica says of itself to `show vgroups` and to the mnode. */
import type { VnodeReplicationStats } from '@tdnode/rpc';
import type { Replica } from '@tdnode/sync';

/** See the head of this file. */
export function replicationStats(replica: Replica): VnodeReplicationStats {
  const { version, config } = replica.config;
  return {
    role: replica.failure === undefined ? replica.role : 'offline',
    term: replica.term,
    lastVersion: replica.lastVersion,
    commit: replica.commit,
    master: replica.master,
    members: { version, voters: config.voters, learners: config.learners },
  };
}
