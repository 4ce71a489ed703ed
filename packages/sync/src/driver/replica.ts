/**
 * One replica of one vgroup: the core, its log, its durable state, and the state machine behind it. DESIGN.md.
 *
 * The owner calls it from one thread: `receive` and `tick` as things happen, `beginBatch`/`add`/`writeBatch` for
 * proposals, and `persist` at the end of each turn, which is where acknowledgements come from: one write per
 * batch, one fsync per turn. What the core orders is carried out in the order that `Output` demands.
 *
 * Invariants: nothing leaves before the term and vote that it depends on are on the disk; an acknowledgement, own
 * or to a master, never covers a record that is not persisted; `applied` ≤ log.lastVersion.
 *
 * A failed fsync, or a broken invariant, ends it (`failure`): it falls silent, and the others go on without it.
 */
import { assert } from '@tdnode/common';
import { OWN_TYPES, type LogRecord } from '@tdnode/wal';
import { ReplicaCore, type PeerView } from '../core/core.ts';
import type { AppendOrder, Input, Output, OwnEntry } from '../core/step-types.ts';
import type { ConfigAt, ConfigChange, Refusal, ReplicaId, Role } from '../core/types.ts';
import type { Message } from '../messages/message.ts';
import { Restore } from '../restore/restore.ts';
import { isRestoreFrame, laneOf, messageHead, readFrame } from './frames.ts';
import { openLog } from './open-log.ts';
import { encodeOwnEntry } from './own-entry.ts';
import { deposedError, isRefusal, refusalError } from './refusal-error.ts';
import { checkRecords, type ReplicaLog } from './replica-log.ts';
import type { Core, ReplicaOptions, ReplicaServices } from './replica-services.ts';
import type { Anchor } from './replica-state.ts';
import { StableState } from './stable-state.ts';
import type { StagedFile } from './state-machine.ts';

/** Records are given to the machine in runs of at most so many. */
const APPLY_RECORDS = 1024;

interface Queued {
  readonly input: Input;
  /** The records that came with a message. */
  readonly records: Uint8Array<ArrayBuffer> | undefined;
}

/** See the head of this file. */
export class Replica {
  readonly #services: ReplicaServices;
  readonly #options: ReplicaOptions;
  readonly #log: ReplicaLog;
  readonly #core: Core;
  readonly #restore: Restore;
  readonly #stable: StableState;
  #applied: number;
  #acknowledged = 0;
  #configVersion = -1;
  #role: Role = 'unsynced';
  #term = 0;
  #durability: ReplicaOptions['durability'];
  #quorum: ReplicaOptions['quorum'];
  #queue: Queued[] = [];
  #isStepping = false;
  #isDirty = false;
  /** Own entries that the log refused; tried again at the next tick. */
  #waiting: { readonly entries: readonly OwnEntry[]; readonly term: number } | undefined;
  #refused: Refusal | undefined;
  #failure: unknown;

  /**
   * Opens the replica; the machine has been opened and holds what is in its files. Nothing is applied and nothing
   * leaves before `start`. Throws CorruptionError, or what the disk throws.
   */
  static open(services: ReplicaServices, options: ReplicaOptions): Replica {
    return new Replica(services, options);
  }

  private constructor(services: ReplicaServices, options: ReplicaOptions) {
    const { machine } = services;
    const { filesVersion } = machine;
    const { state, log } = openLog({ ...services, ...options, filesVersion });
    this.#services = services;
    this.#options = options;
    this.#durability = options.durability;
    this.#quorum = options.quorum;
    this.#stable = new StableState(services.fs, options.folder, state);
    this.#log = log;
    this.#applied = filesVersion;
    const start = { log, hardState: state.hardState, configs: log.configs(), commit: filesVersion };
    this.#core = services.createCore?.(start, options) ?? new ReplicaCore(start, options);
    this.#restore = new Restore({
      ...services,
      vgId: options.vgId,
      id: options.id,
      anchorOf: (version) => this.#anchorOf(version),
      term: () => this.#core.term,
      wants: ({ version, term }) => this.#core.wantsFiles(version, term),
      install: (files, anchor) => this.#install(files, anchor),
      sent: (to, version) => this.#step({ kind: 'filesSent', to, version }),
    });
    this.#noteMembers();
  }

  /** Begins: a group of one is master when this returns, and has applied its log. */
  start(): void {
    this.#guard(() => {
      this.#isStepping = true;
      try {
        this.#carryOut(this.#core.start(), undefined);
      } finally {
        this.#isStepping = false;
      }
      this.#runQueue();
      this.#persist();
    });
  }

  /** Why it has ended; undefined while it works. */
  get failure(): unknown {
    return this.#failure;
  }

  get role(): Role {
    return this.#role;
  }

  get term(): number {
    return this.#core.term;
  }

  /** Who is thought to be master; NOBODY. */
  get master(): ReplicaId {
    return this.#core.master;
  }

  /** Versions up to this one are the group's for ever, and may go into files. */
  get commit(): number {
    return this.#core.commit;
  }

  /** Versions up to this one are in the machine. */
  get applied(): number {
    return this.#applied;
  }

  /** Clients waiting for versions up to this one may be answered. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  get lastVersion(): number {
    return this.#log.lastVersion;
  }

  /** The newest config in the log. */
  get config(): ConfigAt {
    return this.#core.config;
  }

  /** Whether a slave may answer reads. */
  get isReadable(): boolean {
    return this.#core.isReadable;
  }

  /** The master's view of the others. */
  get peers(): readonly PeerView[] {
    return this.#core.peers;
  }

  /** Why a proposal would be refused now. */
  refusal(): Refusal | undefined {
    return this.#core.refusal();
  }

  /** Begins a batch of proposals; throws the TaosError for clients when this replica takes none. */
  beginBatch(): void {
    if (this.#failure !== undefined) throw this.#failure;
    const refusal = this.#core.refusal();
    if (refusal !== undefined) throw refusalError(refusal);
    if (this.#waiting !== undefined) this.#retryOwn();
    this.#applyOwn();
    this.#log.log.term = this.#core.term;
    this.#log.log.beginBatch();
  }

  /** Adds a proposal as `Log.add` does: 32 bytes of room before the payload. Returns its version. */
  add(bytes: Uint8Array, at: number, length: number, type: number): number {
    assert(type < OWN_TYPES, 'record types of the group are its own');
    return this.#log.log.add(bytes, at, length, type);
  }

  /**
   * Writes the batch to the log and sends it to the others. With `applyOn: 'persisted'` the caller applies it at
   * once. Throws TaosError, and nothing was written, when the disk refuses.
   */
  writeBatch(): void {
    const bytes = this.#log.writeBatch();
    if (bytes === 0) return;
    this.#isDirty = true;
    const { lastVersion } = this.#log;
    if (this.#options.applyOn === 'persisted') this.#applied = lastVersion;
    this.#guard(() => this.#step({ kind: 'appended', lastVersion, bytes }));
  }

  /**
   * The end of a turn: what was written counts as held now (after an fsync if so asked), is applied and
   * acknowledged as far as it goes. Nothing is acknowledged, to clients or to a master, but in here.
   */
  persist(): void {
    this.#guard(() => this.#persist());
  }

  /** Takes one frame that came from another replica; it may be kept. Unsound ones are dropped. */
  receive(frame: Uint8Array<ArrayBuffer>): void {
    this.#guard(() => {
      if (isRestoreFrame(frame)) {
        this.#restore.receive(frame);
        return;
      }
      const read = readFrame(frame, this.#options.vgId);
      if (read === undefined) return this.#drop('not a message of this vgroup');
      const { message, records } = read;
      if (message.to !== this.#options.id) return this.#drop(`for replica ${message.to}`);
      if (message.kind === 'append') {
        const wrong = checkRecords(records, message.prevVersion + 1, message.lastVersion);
        if (wrong !== undefined) return this.#drop(wrong);
      }
      this.#step({ kind: 'message', message }, records);
    });
  }

  /** Time passed; how long a tick is, is the owner's choice. */
  tick(): void {
    this.#guard(() => {
      const { failure } = this.#log.log;
      if (failure !== undefined) throw failure;
      if (this.#waiting !== undefined) this.#retryOwn();
      this.#step({ kind: 'tick', luck: this.#services.random.next() });
      this.#restore.tick();
    });
  }

  /** The connection to `peer` broke. */
  peerLost(peer: ReplicaId): void {
    this.#guard(() => this.#step({ kind: 'peerLost', peer }));
  }

  /** Takes changed options of the database. */
  setOptions({ quorum, durability }: Pick<ReplicaOptions, 'quorum' | 'durability'>): void {
    this.#durability = durability;
    this.#quorum = quorum;
    if (quorum !== 'majority') this.#guard(() => this.#step({ kind: 'quorum', quorum }));
  }

  /** Changes the members; undefined: under way, and done when `config` says so and it is committed. */
  change(change: ConfigChange): Refusal | undefined {
    return this.#ask({ kind: 'change', change });
  }

  /** Hands the mastership to `to`; undefined: under way. */
  transfer(to: ReplicaId): Refusal | undefined {
    return this.#ask({ kind: 'transfer', to });
  }

  /**
   * To be called before files that hold everything up to `version` become the machine's: the log may be shorter
   * than they are after a power cut. Throws what the disk throws.
   */
  noteFiles(version: number): void {
    assert(version <= this.#core.commit, 'only what is committed goes into files');
    this.#stable.filesWillEnd(this.#anchorOf(version), this.#services.machine.filesVersion);
  }

  /** Forgets log segments that are in files, as far as followers that are online do not need them. */
  dropLog(): void {
    const limit = Math.min(this.#services.machine.filesVersion + 1, this.#core.keepLogFrom);
    const version = this.#log.log.firstVersionAfterDrop(limit) - 1;
    if (version > this.#log.base.version) {
      const base = this.#anchorOf(version);
      this.#stable.logBegins(base);
      this.#log.base = base;
    }
    this.#log.log.dropBefore(limit);
  }

  /** Brings the log to the disk, whatever `durability` says. */
  sync(): void {
    this.#log.log.sync();
  }

  /** Begins to bring the log to the disk, off this thread where that can be done. */
  syncLater(): void {
    this.#log.log.syncLater();
  }

  /** The oldest version that the log can still give. */
  get firstVersion(): number {
    return this.#log.firstVersion;
  }

  /** Term of a version in [firstVersion - 1, lastVersion]. */
  termOf(version: number): number {
    return this.#log.termOf(version);
  }

  /** Records [from, to] of the log, the group's own among them (types of `OWN_TYPES` and above). */
  records(from: number, to: number): Iterable<LogRecord> {
    return this.#log.read(from, to);
  }

  /** Closes the log; the machine is its owner's. */
  close(): void {
    this.#restore.close();
    this.#log.log.close();
  }

  /** Runs `work` unless the replica has ended; what it throws ends it. */
  #guard(work: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      work();
    } catch (error) {
      this.#failure = error;
      const { logger } = this.#services;
      const why = error instanceof Error ? error.message : String(error);
      logger.error('SYN', `vgId:${this.#options.vgId}, replica stopped: ${why}`);
      throw error;
    }
  }

  #drop(why: string): void {
    this.#services.logger.warn('SYN', `vgId:${this.#options.vgId}, frame dropped: ${why}`);
  }

  #ask(input: Extract<Input, { kind: 'change' | 'transfer' }>): Refusal | undefined {
    this.#refused = undefined;
    this.#guard(() => this.#step(input));
    return this.#refused;
  }

  #step(input: Input, records?: Uint8Array<ArrayBuffer>): void {
    this.#queue.push({ input, records });
    if (!this.#isStepping) this.#runQueue();
  }

  /** One input at a time: each Output is carried out whole before the next step. */
  #runQueue(): void {
    this.#isStepping = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift())
        this.#carryOut(this.#core.step(next.input), next.records);
    } finally {
      this.#isStepping = false;
    }
  }

  /** Does what the core says, in the order of `Output`'s list. */
  #carryOut(output: Output, records: Uint8Array<ArrayBuffer> | undefined): void {
    if (output.refused !== undefined) this.#refused = output.refused;
    if (output.hardState !== undefined) this.#stable.saveHardState(output.hardState);
    if (this.#role === 'master' && (output.role !== 'master' || output.term !== this.#term))
      this.#services.machine.reject(deposedError());
    if (output.truncateAfter !== undefined) this.#truncateAfter(output.truncateAfter);
    if (output.append !== undefined) this.#append(output.append, records);
    for (const message of output.messages) this.#send(message);
    if (output.write !== undefined) this.#writeOwn(output.write, output.term);
    for (const to of output.files ?? []) this.#restore.offer(to);
    this.#apply(output.appliable);
    this.#report(output);
  }

  #truncateAfter(version: number): void {
    this.#log.truncateAfter(version);
    this.#acknowledged = Math.min(this.#acknowledged, version);
    if (this.#applied <= version) return;
    const { machine } = this.#services;
    machine.rollback(version, machineRecords(this.#log.read(machine.filesVersion + 1, version)));
    this.#applied = version;
  }

  #append(order: AppendOrder, records: Uint8Array<ArrayBuffer> | undefined): void {
    assert(records !== undefined, 'entries came with a message');
    try {
      this.#log.append(records!, order);
      this.#isDirty = true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#queue.push({ input: { kind: 'appendFailed' }, records: undefined });
    }
  }

  #send(message: Message): void {
    const parts: Uint8Array[] = [messageHead(this.#options.vgId, message)];
    if (message.kind === 'append') {
      const { prevVersion, lastVersion } = message;
      if (prevVersion < lastVersion) parts.push(...this.#log.bytes(prevVersion + 1, lastVersion));
    }
    this.#services.send(message.to, parts, laneOf(message, this.#quorum));
  }

  /** Writes entries of the group's own; when the log refuses they wait for the next tick. */
  #writeOwn(entries: readonly OwnEntry[], term: number): void {
    const log = this.#log.log;
    const configs: ConfigAt[] = [];
    try {
      log.term = term;
      log.beginBatch();
      for (const entry of entries) {
        const own = encodeOwnEntry(entry);
        const version = log.add(own.bytes, 0, own.length, own.type);
        if (entry.kind === 'config') configs.push({ version, config: entry.config });
      }
      const bytes = this.#log.writeBatch();
      this.#waiting = undefined;
      this.#isDirty = true;
      const { lastVersion } = this.#log;
      const input = { kind: 'appended', lastVersion, bytes, configs } as const;
      this.#queue.push({ input, records: undefined });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#waiting = { entries, term };
    }
  }

  #retryOwn(): void {
    const { entries, term } = this.#waiting!;
    this.#waiting = undefined;
    if (this.#core.role !== 'master' || this.#core.term !== term) return;
    this.#writeOwn(entries, term);
    if (!this.#isStepping) this.#runQueue();
  }

  #persist(): void {
    while (this.#isDirty) {
      this.#isDirty = false;
      if (this.#durability === 'synced') this.#log.log.sync();
      const version = this.#log.lastVersion;
      this.#step({ kind: 'persisted', version, term: this.#log.termOf(version) });
    }
  }

  #applyOwn(): void {
    if (this.#options.applyOn === 'persisted') this.#apply(this.#log.lastVersion);
  }

  /** Gives the machine everything up to `version` that it does not have. */
  #apply(version: number): void {
    if (version <= this.#applied) return;
    const { machine } = this.#services;
    let run: LogRecord[] = [];
    for (const record of this.#log.read(this.#applied + 1, version)) {
      if (record.type < OWN_TYPES) run.push(record);
      if (run.length < APPLY_RECORDS) continue;
      machine.apply(run, record.version);
      this.#applied = record.version;
      run = [];
    }
    machine.apply(run, version);
    this.#applied = version;
  }

  #report({ role, term, acknowledged }: Output): void {
    const { machine } = this.#services;
    if (role === 'master' && acknowledged > this.#acknowledged) {
      this.#acknowledged = acknowledged;
      machine.acknowledge(acknowledged);
    }
    if (this.#core.config.version !== this.#configVersion) this.#noteMembers();
    if (role === this.#role && term === this.#term) return;
    // Readers come to a master as soon as it is one; before its first entry is persisted, too.
    if (role === 'master') this.#applyOwn();
    this.#role = role;
    this.#term = term;
    machine.onRole(role, term);
  }

  /** A group of one keeps nothing for followers. */
  #noteMembers(): void {
    const { version, config } = this.#core.config;
    const { voters, learners } = config;
    this.#configVersion = version;
    this.#log.keepsTail = voters.length + learners.length > 1 || !voters.includes(this.#options.id);
  }

  #anchorOf(version: number): Anchor {
    const known = this.#stable.anchor(version);
    if (known !== undefined) return known;
    return { version, term: this.#log.termOf(version), config: this.#core.configAt(version) };
  }

  /** Files have arrived whole: they take the place of everything, the log goes on after them. */
  #install(files: readonly StagedFile[], anchor: Anchor): void {
    const { machine } = this.#services;
    const { version, term, config } = anchor;
    this.#stable.filesWillBeReplaced(anchor, machine.filesVersion);
    machine.install(files, version);
    this.#log.reset(anchor);
    this.#stable.logBegins(anchor);
    this.#applied = version;
    this.#isDirty = false;
    this.#step({ kind: 'filesInstalled', version, term, config });
  }
}

function* machineRecords(records: Iterable<LogRecord>): Generator<LogRecord, void> {
  for (const record of records) if (record.type < OWN_TYPES) yield record;
}
