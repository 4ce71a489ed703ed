/**
 * One replica of the model: a core, a log in memory whose tail a crash may take, files as a mere version. It
 * does what an Output asks for in the order that the contract gives.
 */
import { seededRandom, type Random } from '@tdnode/common';
import { ReplicaCore } from '../src/core/core.ts';
import type { Input, Output } from '../src/core/step-types.ts';
import {
  NOBODY,
  type Config,
  type ConfigAt,
  type CoreOptions,
  type HardState,
  type LogView,
  type ReplicaId,
} from '../src/core/types.ts';
import type { Message } from '../src/messages/message.ts';

/** An entry of the model's log. */
export interface Entry {
  readonly term: number;
  readonly data: string;
  readonly config?: Config;
}

/** What is on the way: a message with the entries that its driver attached, or files. */
export type Packet =
  | { readonly kind: 'message'; readonly message: Message; readonly entries: readonly Entry[] }
  | {
      readonly kind: 'files';
      readonly from: ReplicaId;
      readonly to: ReplicaId;
      readonly version: number;
      readonly term: number;
      readonly config: ConfigAt;
    };

/** The log as the core sees it: `entries[i]` is version `base + 1 + i`; every entry is one byte long. */
class ModelLog implements LogView {
  base = 0;
  baseTerm = 0;
  entries: Entry[] = [];

  get firstVersion(): number {
    return this.base + 1;
  }

  get lastVersion(): number {
    return this.base + this.entries.length;
  }

  at(version: number): Entry | undefined {
    return this.entries[version - this.base - 1];
  }

  termOf(version: number): number {
    if (version === this.base) return this.baseTerm;
    const entry = this.at(version);
    if (entry === undefined) throw new Error(`no version ${version} in the log`);
    return entry.term;
  }

  take(from: number, maxBytes: number): { readonly to: number; readonly bytes: number } {
    const to = Math.min(this.lastVersion, from + Math.max(1, maxBytes) - 1);
    return { to, bytes: to - from + 1 };
  }
}

/** What the replica tells the model around it. */
export interface ModelHooks {
  send(packet: Packet): void;
  /** After everything an Output asked for was done. */
  stepped(replica: ModelReplica, output: Output): void;
}

/** See the head of this file. */
export class ModelReplica {
  readonly id: ReplicaId;
  readonly log = new ModelLog();
  readonly #options: CoreOptions;
  readonly #hooks: ModelHooks;
  readonly #initial: Config;
  hardState: HardState = { term: 0, votedFor: NOBODY };
  baseConfig: ConfigAt;
  /** What a crash leaves at least. */
  durable = 0;
  /** Versions in files. */
  files = 0;
  core!: ReplicaCore;
  isUp = false;
  last: Output | undefined;

  #isFull = false;
  /** What the core asked for last and the disk refused. */
  #waiting: Entry[] = [];

  constructor(options: CoreOptions, initial: Config, hooks: ModelHooks) {
    this.id = options.id;
    this.#options = options;
    this.#initial = initial;
    this.#hooks = hooks;
    this.baseConfig = { version: 0, config: initial };
    this.boot();
  }

  /** Starts the core from what is on the disk. */
  boot(): void {
    this.isUp = true;
    this.#waiting = [];
    this.durable = this.log.lastVersion;
    const configs = [this.baseConfig];
    this.log.entries.forEach(({ config }, i) => {
      if (config !== undefined) configs.push({ version: this.log.base + 1 + i, config });
    });
    this.core = new ReplicaCore(
      { log: this.log, hardState: this.hardState, configs, commit: this.files },
      this.#options,
    );
    this.#obey(this.core.start(), []);
  }

  /** Loses what was not durable, but for a lucky part. */
  crash(random: Random = seededRandom(1)): void {
    this.isUp = false;
    const unsure = this.log.lastVersion - this.durable;
    const lost = Math.floor(random.next() * (unsure + 1));
    this.log.entries.length -= lost;
    this.last = undefined;
  }

  /** The dnode is gone with its disk: a new, empty learner in its place. */
  wipe(): void {
    this.log.base = 0;
    this.log.baseTerm = 0;
    this.log.entries = [];
    this.hardState = { term: 0, votedFor: NOBODY };
    this.baseConfig = { version: 0, config: { ...this.#initial, voters: [], learners: [] } };
    this.durable = 0;
    this.files = 0;
  }

  /** While its disk is full, entries of the group's own wait, as long as this is the master of their term. */
  get isFull(): boolean {
    return this.#isFull;
  }

  set isFull(isFull: boolean) {
    this.#isFull = isFull;
    if (isFull || !this.isUp) return;
    for (const entry of this.#waiting.splice(0))
      if (this.core.role === 'master' && this.core.term === entry.term) this.#write(entry);
  }

  step(input: Input, entries: readonly Entry[] = []): Output {
    const output = this.core.step(input);
    const message = input.kind === 'message' ? input.message : undefined;
    const first = message?.kind === 'append' ? message.prevVersion + 1 : 0;
    this.#obey(output, entries, first);
    return output;
  }

  /** A client's write; false when it is refused. */
  propose(data: string): number | undefined {
    if (this.core.refusal() !== undefined) return undefined;
    this.#write({ term: this.core.term, data });
    return this.log.lastVersion;
  }

  /** The log becomes durable up to its end. */
  persist(): void {
    const version = this.log.lastVersion;
    if (version <= this.durable) return;
    this.durable = version;
    this.step({ kind: 'persisted', version, term: this.log.termOf(version) });
  }

  /** Everything committed goes into files; the log forgets all but `keep` of it. */
  compact(keep: number): void {
    this.files = Math.max(this.files, this.core.commit);
    const base = Math.min(this.files - keep, this.durable);
    if (base <= this.log.base) return;
    this.baseConfig = this.core.configAt(base);
    this.log.baseTerm = this.log.termOf(base);
    this.log.entries.splice(0, base - this.log.base);
    this.log.base = base;
  }

  /** Files arrived. */
  install(packet: Packet & { readonly kind: 'files' }): void {
    const { version, term, config } = packet;
    if (!this.core.wantsFiles(version, term)) return;
    this.log.entries = [];
    this.log.base = version;
    this.log.baseTerm = term;
    this.baseConfig = config;
    this.files = version;
    this.durable = version;
    this.step({ kind: 'filesInstalled', version, term, config });
  }

  #write(entry: Entry): void {
    this.log.entries.push(entry);
    const { lastVersion } = this.log;
    const configs =
      entry.config === undefined ? [] : [{ version: lastVersion, config: entry.config }];
    this.step({ kind: 'appended', lastVersion, bytes: 1, configs });
  }

  /** The contract of Output, in its order. */
  #obey(output: Output, entries: readonly Entry[], first = 0): void {
    const { log } = this;
    if (output.hardState !== undefined) this.hardState = output.hardState;
    if (output.truncateAfter !== undefined) {
      log.entries.length = output.truncateAfter - log.base;
      this.durable = Math.min(this.durable, output.truncateAfter);
    }
    if (output.append !== undefined) {
      const { from, to } = output.append;
      if (from !== log.lastVersion + 1) throw new Error(`a gap before ${from}`);
      log.entries.push(...entries.slice(from - first, to - first + 1));
      if (log.lastVersion !== to) throw new Error(`entries up to ${to} are missing`);
    }
    for (const message of output.messages) this.#send(message);
    for (const to of output.files ?? []) {
      const version = Math.max(this.core.commit, log.base);
      const config = this.core.configAt(version);
      const term = log.termOf(version);
      this.#hooks.send({ kind: 'files', from: this.id, to, version, term, config });
    }
    this.last = output;
    this.#hooks.stepped(this, output);
    if (output.write !== undefined) this.#waiting = [];
    for (const own of output.write ?? []) {
      const { term } = output;
      const entry =
        own.kind === 'noop' ? { term, data: '-' } : { term, data: 'config', config: own.config };
      if (this.#isFull) this.#waiting.push(entry);
      else this.#write(entry);
    }
  }

  #send(message: Message): void {
    const { base } = this.log;
    const entries =
      message.kind === 'append'
        ? this.log.entries.slice(message.prevVersion - base, message.lastVersion - base)
        : [];
    this.#hooks.send({ kind: 'message', message, entries });
  }
}
