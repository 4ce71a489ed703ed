/** With whom a new vnode begins. Pure. */
import { ErrorCode, TaosError } from '@tdnode/common';
import type { VnodeConfig, VnodeStart } from '@tdnode/rpc';
import type { Config } from '@tdnode/sync';

/**
 * The members of the vgroup as a new vnode on dnode `self` first has them; undefined: it is alone. One that joins has
 * no vote until its master gives it one. Throws where it is not known yet which dnode this is.
 */
export function firstMembers(
  { replicas }: VnodeConfig,
  start: VnodeStart,
  self: number | undefined,
): Config | undefined {
  const ids = replicas.map(({ dnodeId }) => dnodeId);
  if (start === 'voter' && ids.length <= 1) return undefined;
  if (self === undefined) {
    throw new TaosError(ErrorCode.VND_NOT_SYNCED, undefined, {
      detail: 'which dnode this is is not known yet',
    });
  }
  const voters = start === 'voter' ? ids : ids.filter((id) => id !== self);
  return { voters: voters.sort((a, b) => a - b), learners: [], arbitrator: false };
}
