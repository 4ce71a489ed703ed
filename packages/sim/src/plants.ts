/**
 * Bugs that are planted to see the checkers find them. Each is made from outside, at the seams: a disk that lies,
 * or a core that is told or says something else. No product code knows of them.
 */
import type { FileHandle, FileSystem, OpenMode } from '@tdnode/common';
import {
  NOBODY,
  ReplicaCore,
  type Core,
  type CoreOptions,
  type CoreStart,
  type Message,
  type Output,
} from '@tdnode/sync';
import { changedCore } from './observed-core.ts';

/** The five of them. */
export const PLANTS = [
  'acknowledge before sync',
  'no pre-vote',
  'apply past commit',
  'stale vote',
  'lost truncation',
] as const;

export type Plant = (typeof PLANTS)[number];

/** The disk of a replica with this bug in it. */
export function plantedFileSystem(fs: FileSystem, plant: Plant | undefined): FileSystem {
  switch (plant) {
    case 'acknowledge before sync':
      return withHandles(fs, (handle, path) =>
        path.endsWith('.log') ? { ...handle, sync: () => {} } : handle,
      );
    case 'lost truncation':
      return withHandles(fs, (handle, path) =>
        path.endsWith('.log') ? { ...handle, truncate: () => {} } : handle,
      );
    default:
      return fs;
  }
}

/** The core with this bug in it. */
export function plantedCore(
  start: CoreStart,
  options: CoreOptions,
  plant: Plant | undefined,
): Core {
  const core = new ReplicaCore(start, options);
  if (plant === 'apply past commit') {
    return changedCore(core, (output) => ({ ...output, appliable: start.log.lastVersion }));
  }
  if (plant === 'stale vote') {
    return changedCore(core, ({ hardState, ...output }) =>
      hardState === undefined
        ? output
        : { ...output, hardState: { ...hardState, votedFor: NOBODY } },
    );
  }
  if (plant === 'no pre-vote') return withoutPreVote(core, options.id);
  return core;
}

/** A replica that takes the next term without asking first: each pre-vote is answered yes at once. */
function withoutPreVote(core: ReplicaCore, id: number): Core {
  const promote = (output: Output): Output => {
    const asked = output.messages.filter((message) => message.kind === 'vote' && message.isPreVote);
    if (asked.length === 0) return output;
    let result: Output = { ...output, messages: output.messages.filter((m) => !asked.includes(m)) };
    for (const vote of asked) {
      const ack: Message = {
        kind: 'voteAck',
        from: vote.to,
        to: id,
        term: vote.term,
        isPreVote: true,
        isGranted: true,
        inSync: { members: [], epoch: 0, era: -1 },
      };
      result = merged(result, core.step({ kind: 'message', message: ack }));
    }
    return result;
  };
  return changedCore(core, promote);
}

function merged(first: Output, second: Output): Output {
  return { ...first, ...second, messages: [...first.messages, ...second.messages] };
}

function withHandles(
  fs: FileSystem,
  change: (handle: FileHandle, path: string) => FileHandle,
): FileSystem {
  const open = (path: string, mode: OpenMode): FileHandle => {
    const handle = fs.open(path, mode);
    return change(boundHandle(handle), path);
  };
  return { ...bound(fs), open };
}

function bound(fs: FileSystem): FileSystem {
  return {
    open: (path, mode) => fs.open(path, mode),
    readFile: (path) => fs.readFile(path),
    exists: (path) => fs.exists(path),
    list: (path) => fs.list(path),
    makeFolder: (path) => fs.makeFolder(path),
    rename: (from, to) => fs.rename(from, to),
    unlink: (path) => fs.unlink(path),
    removeFolder: (path) => fs.removeFolder(path),
    syncFolder: (path) => fs.syncFolder(path),
  };
}

function boundHandle(handle: FileHandle): FileHandle {
  return {
    write: (bytes, position) => handle.write(bytes, position),
    writev: (parts, position) => handle.writev(parts, position),
    read: (into, position) => handle.read(into, position),
    size: () => handle.size(),
    truncate: (size) => handle.truncate(size),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}
