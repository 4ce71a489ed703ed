/**
 * `taosd --check` and `taosd --repair`: the files of a dataDir on which no taosd runs. Checking changes nothing;
 * what it finds is a table on stdout. Exit status 0: all files serve; 1: some do not.
 */
import { statSync } from 'node:fs';
import {
  nodeFileSystem,
  type FileFinding,
  type FileSystem,
  type RepairReport,
} from '@tdnode/common';
import { checkMnode, readVnodeConfigs, repairMnode } from '@tdnode/mnode';
import { checkVnode, highestUid, repairVnode, vnodeFolder, vnodeIds } from '@tdnode/vnode';
import { lockDataDir } from '../data-lock.ts';
import { StartupError } from '../startup-error.ts';
import { Progress } from './progress.ts';
import { findingLines, reportLines, summaryLine } from './table.ts';

/** Where lines go. */
export interface Terminal {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

/** Runs one of the two; resolves with the exit status. Throws a StartupError while a taosd runs on the folder. */
export async function runIntegrity(
  kind: 'check' | 'repair',
  dataDir: string,
  terminal: Terminal,
): Promise<number> {
  if (statSync(dataDir, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new StartupError(`there is no data folder ${dataDir}`);
  }
  const lock = await lockDataDir(dataDir);
  try {
    return kind === 'check' ? check(dataDir, terminal) : repair(dataDir, terminal);
  } finally {
    lock.release();
  }
}

function check(dataDir: string, { print }: Terminal): number {
  const progress = new Progress(process.stderr);
  const findings = checkAll(nodeFileSystem, dataDir, (file) => progress.show(file));
  progress.clear();
  for (const line of findingLines(findings, dataDir)) print(line);
  print(summaryLine(findings));
  return findings.some(({ state }) => state === 'damaged') ? 1 : 0;
}

/** All rows of a dataDir. */
function checkAll(fs: FileSystem, dataDir: string, onFile?: (file: string) => void): FileFinding[] {
  const vnodes = vnodeIds({ fs, dataDir });
  return [
    ...checkMnode(fs, `${dataDir}/mnode`),
    ...vnodes.flatMap((vgId) => checkVnode(fs, vnodeFolder({ dataDir }, vgId), vgId, onFile)),
  ];
}

function repair(dataDir: string, { print }: Terminal): number {
  let isWhole = true;
  const say = (name: string, report: RepairReport): void => {
    for (const line of reportLines(name, report)) print(line);
    if (report.failed.length > 0) isWhole = false;
  };
  repairAll(nodeFileSystem, dataDir, say);
  print(isWhole ? 'all of it serves again' : 'some of it does not serve, see above');
  return isWhole ? 0 : 1;
}

/** Repairs what is damaged of a dataDir; `say` is told of every part that was looked at. */
function repairAll(
  fs: FileSystem,
  dataDir: string,
  say: (name: string, report: RepairReport) => void,
): void {
  const vnodes = vnodeIds({ fs, dataDir });
  const usedIds = () => ({
    uid: Math.max(0, ...vnodes.map((vgId) => highestUid(fs, vnodeFolder({ dataDir }, vgId)))),
    vgId: Math.max(0, ...vnodes),
  });
  say('mnode', repairMnode(fs, `${dataDir}/mnode`, usedIds));
  const configs = readVnodeConfigs(fs, `${dataDir}/mnode`);
  for (const vgId of vnodes) {
    const folder = vnodeFolder({ dataDir }, vgId);
    const configOfMnode = configs.find((config) => config.vgId === vgId);
    if (checkVnode(fs, folder, vgId).every(({ state }) => state === 'ok')) continue;
    say(`vnode${vgId}`, repairVnode({ fs, folder, vgId, configOfMnode }));
  }
}
