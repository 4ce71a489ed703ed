/**
 * The write path of a vnode: what came since the last time, checked, logged with one write, applied,
 * answered.
 *
 * Order: a write is checked before it is logged, so that everything in the log can be applied; versions
 * follow the order of arrival; a submit is checked against the changes that came before it, so a run of
 * submits and a run of changes are batches of their own; one sync (walLevel 2, fsync 0) for all of them comes
 * before the first answer. With replicas, an answer may come later: `WaitingWrites`.
 */
import {
  CorruptionError,
  ErrorCode,
  TaosError,
  readSubmit,
  type SubmitGroup,
} from '@tdnode/common';
import { decodeChanges, type Change } from '@tdnode/rpc';
import { RECORD_HEADER_BYTES } from '@tdnode/wal';
import { deleteRows } from './delete-rows.ts';
import type { Meta } from './meta/meta.ts';
import { RecordType } from './record-type.ts';
import { checkGroup, checkTimes, timeBounds, type TimeBounds } from './submit-check.ts';
import type { Vnode } from './vnode.ts';

/** One write in a vnode's mailbox; `version` or `error` is set when it is done. */
export interface VnodeWrite {
  readonly kind: 'submit' | 'change';
  /** The buffer the payload lies in, with `RECORD_HEADER_BYTES` of room before it and padding to 8 behind it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the room begins. */
  readonly at: number;
  /** Bytes of the payload. */
  readonly length: number;
  version: number;
  error: unknown;
  /** Logged, and its answer depends on other replicas. */
  isWaiting: boolean;
  /** Whether the answer of its flush has left: then its own is to follow. */
  isPosted: boolean;
  /** Where it came from: its flush, and its place there. */
  flush: number;
  index: number;
}

/** A submit that passed the checks. */
interface CheckedSubmit {
  readonly write: VnodeWrite;
  readonly groups: readonly SubmitGroup[];
  readonly tids: readonly Uint32Array[];
}

/** Carries out all writes, in order. Never throws for what can be answered: errors stand in the writes. */
export function runWrites(vnode: Vnode, writes: readonly VnodeWrite[]): void {
  const refusal = vnode.writeRefusal();
  if (refusal !== undefined) {
    for (const write of writes) write.error = refusal;
    return;
  }
  const before = vnode.appliedVersion;
  for (let from = 0; from < writes.length;) {
    const { kind } = writes[from]!;
    let to = from + 1;
    while (to < writes.length && writes[to]!.kind === kind) to++;
    const run = writes.slice(from, to);
    if (kind === 'submit') runSubmits(vnode, run);
    else runChanges(vnode, run);
    from = to;
  }
  if (vnode.appliedVersion > before) keepPromise(vnode, writes);
}

/** Brings the batch to the disk as far as the database's options promise. */
function keepPromise(vnode: Vnode, writes: readonly VnodeWrite[]): void {
  const { walLevel, fsync } = vnode.options;
  if (vnode.replica !== undefined) {
    if (walLevel === 2 && fsync > 0) vnode.syncSoon();
    vnode.replica.persist();
    return;
  }
  if (walLevel < 2) return;
  if (fsync > 0) {
    vnode.syncSoon();
    return;
  }
  try {
    vnode.log.sync();
  } catch (error) {
    for (const write of writes) write.error ??= error;
  }
}

function runSubmits(vnode: Vnode, writes: readonly VnodeWrite[]): void {
  const bounds = timeBounds(vnode.options, vnode.clock.now());
  const checked: CheckedSubmit[] = [];
  for (const write of writes) {
    const submit = checkSubmit(vnode.meta, write, bounds);
    if (submit !== undefined) checked.push(submit);
  }
  const logged = checked.map((submit) => submit.write);
  if (!logAll(vnode, logged, RecordType.submit)) return;
  for (const { write, groups, tids } of checked) {
    for (let i = 0; i < groups.length; i++) vnode.store.append(write.version, groups[i]!, tids[i]!);
    vnode.appliedVersion = write.version;
  }
}

/** One by one: a change may need the one before it. */
function runChanges(vnode: Vnode, writes: readonly VnodeWrite[]): void {
  for (const write of writes) {
    const payload = payloadOf(write);
    let changes: Change[];
    try {
      changes = decodeChanges(payload);
      vnode.meta.check(changes);
    } catch (error) {
      write.error = error instanceof CorruptionError ? messedUp(error.what) : error;
      continue;
    }
    if (!logAll(vnode, [write], RecordType.change)) continue;
    const gone = vnode.metaStore.apply(write.version, payload, changes);
    if (gone.length > 0) vnode.store.dropTables(write.version, gone);
    deleteRows(vnode, write.version, changes);
    vnode.appliedVersion = write.version;
  }
}

/** Logs writes as one batch; false, with the error in each of them, when the disk refuses. */
function logAll(vnode: Vnode, writes: readonly VnodeWrite[], type: number): boolean {
  try {
    vnode.log.beginBatch();
    for (const write of writes)
      write.version = vnode.log.add(write.bytes, write.at, write.length, type);
    vnode.log.writeBatch();
    if (vnode.replica !== undefined) for (const write of writes) vnode.waiting.add(write);
    return true;
  } catch (error) {
    for (const write of writes) write.error = error;
    return false;
  }
}

function payloadOf({ bytes, at, length }: VnodeWrite): Uint8Array<ArrayBuffer> {
  return bytes.subarray(at + RECORD_HEADER_BYTES, at + RECORD_HEADER_BYTES + length);
}

function checkSubmit(meta: Meta, write: VnodeWrite, bounds: TimeBounds): CheckedSubmit | undefined {
  try {
    const groups = readSubmit(payloadOf(write));
    const tids: Uint32Array[] = [];
    for (const group of groups) {
      tids.push(checkGroup(meta, group));
      checkTimes(group, bounds);
    }
    return { write, groups, tids };
  } catch (error) {
    write.error = error;
    return undefined;
  }
}

function messedUp(what: string): TaosError {
  return new TaosError(ErrorCode.TDB_MESSED_MSG, undefined, { detail: what });
}
