/**
 * Where new tables go. Pure: vgroups fill strictly in order, from the one that took the last table on; when
 * all are full a vgroup is added, up to the limit, then room grows in all at once and filling starts again
 * at the first. Freed slots are not looked for before the current vgroup is full.
 */
export interface PlacementConfig {
  /** 0: as many as the online dnodes have cores, at least 2, at most 64. */
  readonly maxVgroupsPerDb: number;
  /** Room of a database's first vgroup. */
  readonly minTablesPerVnode: number;
  /** Room grows to multiples of it. */
  readonly tableIncStepPerVnode: number;
  readonly maxTablesPerVnode: number;
}

/** How full a database is. */
export interface FillState {
  /** Tables in each vgroup, in order of creation. */
  readonly tables: readonly number[];
  readonly room: number;
  readonly current: number;
}

export interface Placement {
  /** `count` tables go to vgroup number `vgroup` (an index; new ones follow the old), in this order. */
  readonly runs: readonly { readonly vgroup: number; readonly count: number }[];
  readonly newVgroups: number;
  readonly room: number;
  readonly current: number;
  /** Tables for which there is no room at all. */
  readonly refused: number;
}

const VGROUPS_MIN = 2;
const VGROUPS_MAX = 64;

/** The number of vgroups a database may have. */
export function vgroupLimit(config: PlacementConfig, cores: number): number {
  if (config.maxVgroupsPerDb > 0) return config.maxVgroupsPerDb;
  return Math.min(VGROUPS_MAX, Math.max(VGROUPS_MIN, cores));
}

/** Places `count` tables. */
export function planPlacement(
  state: FillState,
  count: number,
  config: PlacementConfig,
  limit: number,
): Placement {
  const tables = [...state.tables];
  let { room, current } = state;
  const runs: { vgroup: number; count: number }[] = [];
  let left = count;
  while (left > 0) {
    const vgroup = withRoom(tables, room, current);
    if (vgroup >= 0) {
      const taken = Math.min(left, room - tables[vgroup]!);
      runs.push({ vgroup, count: taken });
      tables[vgroup]! += taken;
      current = vgroup;
      left -= taken;
    } else if (tables.length < limit) {
      room = Math.max(room, Math.min(config.minTablesPerVnode, config.maxTablesPerVnode));
      tables.push(0);
    } else {
      const grown = grownRoom(room, config);
      if (grown <= room) break;
      room = grown;
      current = 0;
    }
  }
  return { runs, newVgroups: tables.length - state.tables.length, room, current, refused: left };
}

/** The first vgroup with room, looking from `current` on and around; -1 when all are full. */
function withRoom(tables: readonly number[], room: number, current: number): number {
  for (let i = 0; i < tables.length; i++) {
    const vgroup = (current + i) % tables.length;
    if (tables[vgroup]! < room) return vgroup;
  }
  return -1;
}

function grownRoom(room: number, config: PlacementConfig): number {
  const step = config.tableIncStepPerVnode;
  const grown = room * 4 < step ? room * 4 : (Math.floor(room / step) + 1) * step;
  return Math.min(grown, config.maxTablesPerVnode);
}
