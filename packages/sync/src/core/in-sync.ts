/**
 * The master's side of the in-sync set, with two voters and an arbitrator.
 *
 * `required` is what commit waits for. Invariant: it contains every replica that the arbitrator counts as in sync
 * now or may count once what was asked arrives. So a replica that the arbitrator would help to become master has
 * every committed version. Growing, the master first requires, then asks; shrinking, it first asks, then no
 * longer requires. One question at a time, repeated with each heartbeat until answered.
 */
import { applyChange, arbitratorEra, leavesArbitrator, usesArbitrator } from './config.ts';
import { isAnswering } from './commit.ts';
import { currentConfig, envelope, type CoreState, type MasterState } from './state.ts';
import { ARBITRATOR, type InSyncSet, type ReplicaId } from './types.ts';

/** A follower in sync that has not come forward for this many election timeouts is struck: its disk hangs. */
const STUCK_TIMEOUTS = 4;

/** What the arbitrator said, in this master's term: true until this master changes it. */
export function onArbitratorSays(leading: MasterState, said: InSyncSet): void {
  leading.arbitratorSilentTicks = 0;
  if (leading.registered !== undefined && said.epoch < leading.registered.epoch) return;
  leading.registered = said;
  if (leading.asked !== undefined && said.epoch >= leading.asked.epoch) leading.asked = undefined;
}

/** Decides what commit waits for and what the arbitrator should know, and asks it. */
export function settleInSync(state: CoreState, leading: MasterState): void {
  const { voters } = currentConfig(state);
  const { registered } = leading;
  if (!usesArbitrator(currentConfig(state)) || registered === undefined) {
    leading.required = voters;
    leading.asked = undefined;
    return;
  }
  const era = arbitratorEra(state.configs);
  if (leading.asked === undefined && era <= state.commit) {
    const wanted = wantedMembers(state, leading);
    if (registered.era !== era || wanted.join() !== registered.members.join()) {
      leading.asked = { members: wanted, epoch: registered.epoch + 1, era };
      askArbitrator(state, leading);
    }
  }
  if (registered.era !== era) {
    leading.required = voters;
    return;
  }
  const { asked } = leading;
  leading.required = voters.filter(
    (id) =>
      id === state.settings.id ||
      registered.members.includes(id) ||
      asked?.members.includes(id) === true,
  );
}

/** Sends the open question (again). */
export function askArbitrator(state: CoreState, { asked }: MasterState): void {
  if (asked === undefined) return;
  state.draft.messages.push({ ...envelope(state, ARBITRATOR), kind: 'inSync', inSync: asked });
}

function wantedMembers(state: CoreState, leading: MasterState): readonly ReplicaId[] {
  return currentConfig(state).voters.filter(
    (id) => id === state.settings.id || isWanted(state, leading, id),
  );
}

function isWanted(state: CoreState, leading: MasterState, id: ReplicaId): boolean {
  if (isLeaving(state, leading)) return false;
  const follower = leading.followers.get(id);
  if (follower === undefined || !isAnswering(state, follower)) return false;
  const { registered, termStart } = leading;
  const isIn = registered!.era === arbitratorEra(state.configs) && registered!.members.includes(id);
  if (isIn) return follower.stuckTicks < STUCK_TIMEOUTS * state.settings.electionTicks;
  // All that any earlier master may have committed lies before this term's first entry.
  return follower.matched >= Math.max(state.commit, termStart);
}

/**
 * A change waits, or is on its way into the log, that ends this use of the arbitrator: it may only know this master by
 * then, and until the end.
 */
function isLeaving(state: CoreState, { waitingChange, writingConfig }: MasterState): boolean {
  const config = currentConfig(state);
  const next =
    writingConfig ?? (waitingChange === undefined ? undefined : applyChange(config, waitingChange));
  return next !== undefined && leavesArbitrator(config, next);
}

/** Whether the arbitrator knows nobody but this master as in sync, and no other question is open. */
export function isSoleInSync(state: CoreState, { registered, asked }: MasterState): boolean {
  return (
    asked === undefined &&
    registered !== undefined &&
    registered.era === arbitratorEra(state.configs) &&
    registered.members.join() === String(state.settings.id)
  );
}
