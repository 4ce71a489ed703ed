/** What a report is answered where it does not fit the records. */
import { optionsHash, type StatusReport, type VnodeReport } from '@tdnode/rpc';
import { expect, test } from 'vitest';
import { defaultMnodeConfig } from '../config.ts';
import { applyRecord } from '../sdb/apply.ts';
import { emptyState } from '../sdb/state.ts';
import { repairCommands } from './answer.ts';
import { Liveness } from './liveness.ts';
import { defaultParameters } from './parameters.ts';
import type { ClusterView } from './view.ts';

const options = { ...defaultMnodeConfig.dbDefaults, replica: 3 };

/** Three dnodes; vgroup 2 of `d` is on 1, 2 and 3. */
function viewOf(reports: readonly StatusReport[]): ClusterView {
  const state = emptyState();
  applyRecord(state, { kind: 'cluster', id: 'c', created: 0 });
  for (const id of [1, 2, 3, 4]) {
    const dnode = { id, endPoint: `h${id}:6030`, created: 0, role: 0 as const };
    applyRecord(state, {
      kind: 'putDnode',
      dnode: { ...dnode, isDropping: false, hasJoined: true },
    });
  }
  applyRecord(state, { kind: 'putDb', name: 'd', created: 0, options });
  applyRecord(state, { kind: 'addVgroup', db: 'd', vgId: 2, replicas: [1, 2, 3] });
  const liveness = new Liveness({ parameters: defaultParameters, version: '2.1.2.0' });
  for (const report of reports) liveness.onStatus(state, report, 0);
  return { state, liveness, self: 1 };
}

function vnode(
  role: VnodeReport['role'],
  version: number,
  more: Partial<VnodeReport> = {},
): VnodeReport {
  const sizes = { tables: 0, rows: 0, points: 0, storage: 0 };
  return { vgId: 2, role, term: 1, version, ...sizes, optionsHash: optionsHash(options), ...more };
}

const report = (dnodeId: number, ...vnodes: VnodeReport[]): StatusReport => ({
  dnodeId,
  endPoint: `h${dnodeId}:6030`,
  clusterId: 'c',
  version: '2.1.2.0',
  cores: 2,
  role: 0,
  load: { cpu: 0, memory: 0, disk: 0, bandwidth: 0 },
  parameters: defaultParameters,
  vnodes,
});

const members = { version: 5, voters: [1, 2, 3], learners: [] };
const master = vnode('master', 9, { members });
const slave = vnode('slave', 9);

test.each<[string, number, StatusReport[], string[]]>([
  ['all as it should be', 2, [report(1, master), report(2, slave), report(3, slave)], []],
  ['a vgroup that begins: its vnode is made', 3, [report(1), report(2), report(3)], ['create']],
  [
    'somebody has data: an empty copy must not vote',
    3,
    [report(1, master), report(2, slave), report(3)],
    [],
  ],
  ['somebody may have data: it is away', 3, [report(1), report(3)], []],
  ['old options', 2, [report(1, master), report(2, { ...slave, optionsHash: 7 })], ['alter']],
  ['a vgroup that was dropped', 4, [report(4, { ...slave, vgId: 1 }), report(4)], []],
  ['a vnode too many, the master knows', 4, [report(1, master), report(4, slave)], ['drop']],
  [
    'a vnode too many, but there is no master to say so',
    4,
    [report(1, slave), report(4, slave)],
    [],
  ],
  [
    'a vnode that the records do not know yet and the log does',
    4,
    [
      report(1, vnode('master', 9, { members: { ...members, voters: [1, 2, 3, 4] } })),
      report(4, slave),
    ],
    [],
  ],
  [
    'a vgroup that never was: the metadata is older than the vnode',
    4,
    [report(4, { ...slave, vgId: 90 })],
    [],
  ],
])('%s', (_, dnodeId, reports, kinds) => {
  const last = reports.findLast((one) => one.dnodeId === dnodeId)!;
  const commands = repairCommands(viewOf(reports), dnodeId, last, ({ db, vgroup }) => ({
    vgId: vgroup.vgId as never,
    db: db.name,
    options: db.options,
    replicas: [],
  }));
  expect(commands.map(({ kind }) => kind)).toEqual(kinds);
});
