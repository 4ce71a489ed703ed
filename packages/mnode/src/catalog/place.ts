/** Gives new tables a vgroup, making vgroups where the plan wants them. */
import { ErrorCode, TaosError } from '@tdnode/common';
import { encodeChanges } from '@tdnode/rpc';
import { planPlacement, vgroupLimit } from '../allocate/placement.ts';
import { chooseReplicas } from '../allocate/replicas.ts';
import { allVgroups, coresOnline, usableDnodes, vnodeCounts } from '../cluster/view.ts';
import { putSchemaChange, stateOf, vnodeConfig, type Context } from '../context.ts';
import type { Delivery } from '../outbox.ts';
import type { FillMark } from '../sdb/record-fields.ts';
import type { SdbRecord } from '../sdb/records.ts';
import type { DbState } from '../sdb/state.ts';

export interface Places {
  /** `count` tables go to `vgId`, in this order. */
  readonly runs: readonly { readonly vgId: number; readonly count: number }[];
  readonly fill: FillMark;
  /** Records and deliveries that make the new vgroups; they come before those of the tables. */
  readonly records: readonly SdbRecord[];
  readonly deliveries: readonly Delivery[];
  /** Tables without a place. */
  readonly refused: number;
}

/** Plans places for `count` new tables of `db`; changes nothing. */
export function placeTables(context: Context, db: DbState, count: number): Places {
  const { placement } = context.config;
  const before = { tables: db.vgroups.map((v) => v.tables), room: db.room, current: db.current };
  const limit = vgroupLimit(placement, coresOnline(context.cluster));
  const plan = planPlacement(before, count, placement, limit);
  const vgIds = db.vgroups.map((v) => v.vgId);
  const places = plan.newVgroups === 0 ? [] : placesOf(context, db, plan.newVgroups);
  const records: SdbRecord[] = [];
  const deliveries: Delivery[] = [];
  for (let i = 0; i < plan.newVgroups; i++) {
    const vgId = stateOf(context).nextVgId + i;
    const replicas = places[i]!;
    vgIds.push(vgId);
    records.push({ kind: 'addVgroup', db: db.name, vgId, replicas });
    deliveries.push({ kind: 'create', config: vnodeConfig(context, db, vgId, replicas) });
    const schemas = [...db.stables.values()].map((stable) =>
      putSchemaChange(stable, stable.schema),
    );
    if (schemas.length > 0)
      deliveries.push({ kind: 'change', vgId, payload: encodeChanges(schemas) });
  }
  return {
    runs: plan.runs.map(({ vgroup, count: tables }) => ({ vgId: vgIds[vgroup]!, count: tables })),
    fill: { room: plan.room, current: plan.current },
    records,
    deliveries,
    refused: plan.refused,
  };
}

/** The replicas of new vgroups; throws 820 when too few dnodes can take one. */
function placesOf(context: Context, db: DbState, vgroups: number): number[][] {
  const { cluster, config } = context;
  const counts = vnodeCounts(cluster.state);
  const masters = new Map<number, number>();
  for (const { vgroup } of allVgroups(cluster.state)) {
    const first = vgroup.replicas[0] ?? 0;
    masters.set(first, (masters.get(first) ?? 0) + 1);
  }
  const usable = usableDnodes(cluster).map((dnode) => ({
    ...dnode,
    vnodes: counts.get(dnode.id) ?? 0,
    masters: masters.get(dnode.id) ?? 0,
  }));
  const { replica } = db.options;
  const places = chooseReplicas(usable, vgroups, replica, config.cluster.mnodeEqualVnodeNum);
  if (places !== undefined) return places;
  throw new TaosError(ErrorCode.MND_NO_ENOUGH_DNODES, undefined, {
    detail: `${db.name} has replica ${replica}, and ${usable.length} dnodes are online that take vnodes`,
  });
}

/** 820: every vgroup has as many tables as it may. */
export function noRoom(db: DbState): TaosError {
  return new TaosError(ErrorCode.MND_NO_ENOUGH_DNODES, undefined, {
    detail: `${db.name} has ${db.vgroups.length} vgroups with ${db.room} tables each; raise maxVgroupsPerDb or maxTablesPerVnode`,
  });
}
