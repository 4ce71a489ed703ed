/**
 * Elections: pre-vote, vote, and who may get one.
 *
 * Sentences of the paper that hold here: a replica votes for at most one candidate in a term, first come first
 * served; it denies its vote when its own log is more up to date (the last term decides, then the length); a
 * replica that hears a master within the election timeout neither moves to a higher term nor grants a vote,
 * unless the master itself hands over.
 */
import { arbitratorEra, electorate } from './config.ts';
import { countVotes } from './quorum.ts';
import { becomeCandidate, becomeMaster, becomePreCandidate, becomeUnsynced } from './roles.ts';
import { currentConfig, envelope, type CoreState } from './state.ts';
import { ARBITRATOR, NOBODY, NO_IN_SYNC } from './types.ts';
import type { Vote } from '../messages/vote.ts';
import type { VoteAck } from '../messages/vote-ack.ts';

/** One tick without a master's sign of life. Learners wait too, but never campaign. */
export function tickElection(state: CoreState, luck: number): void {
  state.electionElapsed++;
  if (state.electionTimeout === 0)
    state.electionTimeout = state.electionBase + Math.floor(luck * state.electionSpread) + 1;
  if (state.electionElapsed < state.electionTimeout) return;
  if (state.role === 'learner') becomeUnsynced(state, state.term);
  else preCampaign(state);
}

function preCampaign(state: CoreState): void {
  becomePreCandidate(state);
  if (!settleVotes(state)) askForVotes(state, state.term + 1);
}

/** Campaigns for real; `isTransfer`: the old master asked for it. */
export function campaign(state: CoreState, isTransfer: boolean): void {
  becomeCandidate(state, isTransfer);
  if (!settleVotes(state)) askForVotes(state, state.term);
}

function askForVotes(state: CoreState, term: number): void {
  const { log } = state;
  for (const to of electorate(currentConfig(state))) {
    if (to === state.settings.id) continue;
    state.draft.messages.push({
      ...envelope(state, to),
      kind: 'vote',
      term,
      lastVersion: log.lastVersion,
      lastTerm: log.termOf(log.lastVersion),
      era: arbitratorEra(state.configs),
      isPreVote: state.role === 'preCandidate',
      isTransfer: state.isTransferCampaign,
    });
  }
}

/** Acts on the votes so far; true when the campaign went on to its next stage. */
function settleVotes(state: CoreState): boolean {
  const result = countVotes(electorate(currentConfig(state)), state.votes);
  // Lost: waits until its time is up, then tries again.
  if (result !== 'won') return false;
  if (state.role === 'preCandidate') campaign(state, false);
  else becomeMaster(state);
  return true;
}

/** Whether a master was heard so recently that no other is wanted. */
export function hearsMaster(state: CoreState): boolean {
  if (state.role === 'master') return true;
  return state.master !== NOBODY && state.electionElapsed < state.settings.electionTicks;
}

/** A request for a vote, after the term guard. A learner votes too: the candidate's config may be the newer one. */
export function onVote(state: CoreState, message: Vote): void {
  if (message.isPreVote) {
    const isGranted =
      !hearsMaster(state) && message.term > state.term && isUpToDate(state, message);
    answerVote(state, message, isGranted);
    return;
  }
  const isFree =
    state.votedFor === message.from || (state.votedFor === NOBODY && state.master === NOBODY);
  const isGranted = message.term === state.term && isFree && isUpToDate(state, message);
  if (isGranted) {
    state.votedFor = message.from;
    state.electionElapsed = 0;
  }
  answerVote(state, message, isGranted);
}

/** The answer to a vote; a granted pre-vote answers in the term that was asked for. */
export function answerVote(state: CoreState, message: Vote, isGranted: boolean): void {
  state.draft.messages.push({
    ...envelope(state, message.from),
    kind: 'voteAck',
    term: isGranted ? message.term : state.term,
    isPreVote: message.isPreVote,
    isGranted,
    inSync: NO_IN_SYNC,
  });
}

/** Election restriction: a candidate whose log lacks something of ours gets no vote. */
function isUpToDate(state: CoreState, { lastTerm, lastVersion }: Vote): boolean {
  const { log } = state;
  const ownTerm = log.termOf(log.lastVersion);
  return lastTerm > ownTerm || (lastTerm === ownTerm && lastVersion >= log.lastVersion);
}

/** A vote for a candidate or pre-candidate. */
export function onVoteAck(state: CoreState, message: VoteAck): void {
  if (message.isPreVote !== (state.role === 'preCandidate')) return;
  state.votes.set(message.from, message.isGranted);
  rememberInSync(state, message);
  settleVotes(state);
}

/** What the arbitrator says in our own term stays true until we change it: see docs/protocol/sync.md. */
function rememberInSync(state: CoreState, message: VoteAck): void {
  const isArbitrator = message.from === ARBITRATOR;
  if (isArbitrator && message.isGranted && !message.isPreVote) state.voteInSync = message.inSync;
}
