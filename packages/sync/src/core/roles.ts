/**
 * The doors from role to role: nothing else changes role, term, vote or master. Each asserts where it comes from.
 *
 * | from | event | to |
 * |---|---|---|
 * | any | a higher term | slave of its master if that spoke, else unsynced |
 * | slave | master silent | pre-candidate (keeps its term) |
 * | pre-candidate | a majority would vote for it | candidate (next term, votes for itself) |
 * | candidate | a majority votes for it | master |
 * | candidate, pre-candidate | a master of this term speaks | slave |
 * | candidate, pre-candidate | time is up | pre-candidate again |
 * | master | no majority answered for an election timeout | unsynced |
 */
import { assert } from '@tdnode/common';
import { Follower } from './follower.ts';
import {
  currentConfig,
  isAlone,
  otherReplicas,
  type CoreState,
  type MasterState,
} from './state.ts';
import { NOBODY, type ReplicaId } from './types.ts';

/** A follower or learner of nobody known, in `term`. */
export function becomeUnsynced(state: CoreState, term: number): void {
  assert(term >= state.term, 'terms never fall');
  if (term > state.term) {
    state.term = term;
    state.votedFor = NOBODY;
  }
  follow(state, NOBODY);
}

/** A follower or learner of `master`. */
export function becomeSlave(state: CoreState, term: number, master: ReplicaId): void {
  assert(term >= state.term, 'terms never fall');
  if (term === state.term && state.master === master && state.role !== 'master') {
    resetElection(state, state.settings.electionTicks, state.settings.electionTicks);
    return;
  }
  assert(
    term > state.term || state.master === NOBODY || state.master === master,
    'a term has one master',
  );
  if (term > state.term) state.votedFor = NOBODY;
  state.term = term;
  // Counted as a vote, so that a replica that comes back without its vote cannot help a second master.
  if (state.votedFor === NOBODY) state.votedFor = master;
  follow(state, master);
}

/** Asks around whether an election would be won, without disturbing anybody. */
export function becomePreCandidate(state: CoreState): void {
  assert(state.role !== 'master' && state.role !== 'learner', 'only a voter campaigns');
  leaveRole(state);
  state.role = 'preCandidate';
  state.votes.set(state.settings.id, true);
  resetElection(state, 2 * state.settings.heartbeatTicks, state.settings.electionTicks);
}

/** Takes the next term and votes for itself. */
export function becomeCandidate(state: CoreState, isTransfer: boolean): void {
  assert(state.role !== 'master' && state.role !== 'learner', 'only a voter campaigns');
  leaveRole(state);
  state.role = 'candidate';
  state.term++;
  state.votedFor = state.settings.id;
  state.isTransferCampaign = isTransfer;
  state.votes.set(state.settings.id, true);
  resetElection(state, 2 * state.settings.heartbeatTicks, state.settings.electionTicks);
}

/** Begins to lead: nobody's log is known yet. */
export function becomeMaster(state: CoreState): void {
  assert(state.role === 'candidate' || isAlone(state), 'a master was elected, or is alone');
  const { log, voteInSync } = state;
  leaveRole(state);
  state.role = 'master';
  state.master = state.settings.id;
  const leading: MasterState = {
    followers: new Map(),
    termStart: log.lastVersion + 1,
    heartbeatElapsed: 0,
    arbitratorSilentTicks: 0,
    acknowledged: state.commit,
    isWriting: false,
    writingConfig: undefined,
    unsentConfig: 0,
    transferTo: NOBODY,
    transferElapsed: 0,
    waitingChange: undefined,
    waitingElapsed: 0,
    required: currentConfig(state).voters,
    registered: voteInSync,
    asked: undefined,
    uncommitted: [],
    uncommittedBytes: 0,
  };
  state.leading = leading;
  for (const id of otherReplicas(state)) {
    const follower = new Follower(id, log.lastVersion + 1);
    follower.isLost = state.lostPeers.has(id);
    leading.followers.set(id, follower);
  }
}

/** Brings the role and the followers in line with the config in force. */
export function adoptConfig(state: CoreState): void {
  const { voters } = currentConfig(state);
  const isVoter = voters.includes(state.settings.id);
  const { leading } = state;
  if (leading === undefined) {
    if (state.role === 'learner' && isVoter) {
      state.role = 'follower';
    } else if (!isVoter) {
      if (state.role !== 'follower' && state.role !== 'learner') leaveRole(state);
      state.role = 'learner';
    }
    return;
  }
  assert(isVoter, 'a master is a voter');
  const others = otherReplicas(state);
  for (const id of leading.followers.keys()) if (!others.includes(id)) leading.followers.delete(id);
  for (const id of others) {
    if (!leading.followers.has(id))
      leading.followers.set(id, new Follower(id, state.log.lastVersion + 1));
  }
  leading.required = voters;
}

/** Begins to wait anew: for `base` ticks and, by luck, up to `spread` more. */
export function resetElection(state: CoreState, base: number, spread: number): void {
  state.electionElapsed = 0;
  state.electionTimeout = 0;
  state.electionBase = base;
  state.electionSpread = spread;
}

function follow(state: CoreState, master: ReplicaId): void {
  leaveRole(state);
  state.role = currentConfig(state).voters.includes(state.settings.id) ? 'follower' : 'learner';
  state.master = master;
  state.matched = state.commit;
  state.isCaughtUp = false;
  resetElection(state, state.settings.electionTicks, state.settings.electionTicks);
}

function leaveRole(state: CoreState): void {
  state.leading = undefined;
  state.master = NOBODY;
  state.isTransferCampaign = false;
  state.voteInSync = undefined;
  state.votes = new Map();
}
