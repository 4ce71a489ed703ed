/** Gives new tables a vgroup, making vgroups where the plan wants them. */
import { ErrorCode, TaosError } from '@tdnode/common';
import { encodeChanges } from '@tdnode/rpc';
import { planPlacement, vgroupLimit } from '../allocate/placement.ts';
import { putSchemaChange, stateOf, vnodeConfig, type Context } from '../context.ts';
import type { Delivery } from '../outbox.ts';
import type { FillMark, SdbRecord } from '../sdb/records.ts';
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
  const plan = planPlacement(before, count, placement, vgroupLimit(placement, context.dnode.cores));
  const vgIds = db.vgroups.map((v) => v.vgId);
  const records: SdbRecord[] = [];
  const deliveries: Delivery[] = [];
  for (let i = 0; i < plan.newVgroups; i++) {
    const vgId = stateOf(context).nextVgId + i;
    const replicas = [context.dnode.id];
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

/** 820: every vgroup has as many tables as it may. */
export function noRoom(db: DbState): TaosError {
  return new TaosError(ErrorCode.MND_NO_ENOUGH_DNODES, undefined, {
    detail: `${db.name} has ${db.vgroups.length} vgroups with ${db.room} tables each; raise maxVgroupsPerDb or maxTablesPerVnode`,
  });
}
