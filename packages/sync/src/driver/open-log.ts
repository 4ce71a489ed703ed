/**
 * Opening a replica's log: what the state file, the log and the state machine's files say must fit together.
 *
 * A crash may have come between any two of: noting an anchor, switching files, cutting or starting over the log.
 * So: if the files hold more than the log, or something else than it does at their last version, the log is
 * started over after them; the anchor noted before the switch knows the term there.
 */
import { CorruptionError, type Clock, type FileSystem, type Logger } from '@tdnode/common';
import { Log } from '@tdnode/wal';
import { NOBODY, type Config } from '../core/types.ts';
import { ReplicaLog } from './replica-log.ts';
import { STATE_FILE, loadState, type Anchor, type ReplicaState } from './replica-state.ts';

/** What is to be opened. */
export interface OpenLog {
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The replica's folder; its log is in `wal/`. */
  readonly folder: string;
  readonly segmentBytes?: number;
  /** The members when the group was made; counts only the first time. */
  readonly config: Config;
  /** What the state machine's files hold. */
  readonly filesVersion: number;
}

/** See the head of this file. Throws CorruptionError. */
export function openLog(options: OpenLog): { state: ReplicaState; log: ReplicaLog } {
  const { fs, folder, filesVersion, clock, logger, segmentBytes } = options;
  // What is read has to be on the disk: the process before may have been killed between a new name and its sync.
  fs.syncFolder(folder);
  const state = loadState(fs, folder) ?? firstState(options);
  const anchor = state.anchors.findLast(({ version }) => version === filesVersion);
  if (anchor === undefined)
    throw new CorruptionError(
      `${folder}/${STATE_FILE}`,
      0,
      `nothing is known of version ${filesVersion}, where the files end`,
    );
  const log = Log.open(fs, `${folder}/wal`, {
    clock,
    logger,
    committedVersion: filesVersion,
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
  });
  try {
    if (contradicts(log, anchor)) log.reset(filesVersion);
    const base = state.anchors.find(({ version }) => version >= log.firstVersion - 1) ?? anchor;
    return { state, log: new ReplicaLog(log, base) };
  } catch (error) {
    log.close();
    throw error;
  }
}

/** A group as it was made, or one that was alone before it had a state: its versions have term 0. */
function firstState({ config, filesVersion }: OpenLog): ReplicaState {
  return {
    hardState: { term: 0, votedFor: NOBODY },
    anchors: [{ version: filesVersion, term: 0, config: { version: 0, config } }],
  };
}

/** Whether the log is not a continuation of the files. */
function contradicts(log: Log, { version, term }: Anchor): boolean {
  if (log.firstVersion <= version) return log.termOf(version) !== term;
  return log.lastVersion > version && log.termOf(version + 1) < term;
}
