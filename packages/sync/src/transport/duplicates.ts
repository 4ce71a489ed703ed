/**
 * Which of two connections of the same pair stays. Normally only the dnode with the lower id dials; both dial when
 * the lower one cannot get through, or when one gave up a connection that the other still believes in. The
 * same rule on both sides, so both keep the same one:
 *
 *   - a peer that was restarted: the new one; the old one leads to a dead program;
 *   - the same side dialled both: the new one; it would not have dialled without giving up the old one;
 *   - dialled by the lower id: the new one;
 *   - dialled by the higher id while one dialled by the lower is up: the new one if the peer says that it has seen
 *     the old one up (so it gave it up), else the old one: the two crossed on the way.
 */

/** What is known of a connection. */
export interface ConnectionFacts {
  /** Random, made by the dialler. */
  readonly id: string;
  readonly isDialledByLower: boolean;
  /** The running program at the other end. */
  readonly peerInstance: string;
}

/** Whether `next`, just proved, replaces `current`, which is up. `seen`: the last connection the dialler of `next` had up. */
export function replaces(next: ConnectionFacts, current: ConnectionFacts, seen: string): boolean {
  if (next.peerInstance !== current.peerInstance) return true;
  if (next.isDialledByLower === current.isDialledByLower) return true;
  return next.isDialledByLower || seen === current.id;
}
