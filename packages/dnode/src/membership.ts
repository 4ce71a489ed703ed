/**
 * This dnode's place in a cluster: knocks until it is let in, then reports every `statusInterval` and takes up what it
 * is answered (docs/protocol/rpc.md, `mnode.status`).
 *
 * Whoever never joined serves nothing and says why. Whoever was dropped is told so here, and ends.
 */
import { ErrorCode, TaosError, type Clock, type Logger } from '@tdnode/common';
import type { Mnode } from '@tdnode/mnode';
import {
  status,
  type ClusterParameters,
  type DnodeRole,
  type HostLoad,
  type MasterFinder,
  type StatusAnswer,
  type StatusReport,
  type VnodeCommand,
  type VnodeReport,
} from '@tdnode/rpc';
import type { ClusterMap } from './cluster-map.ts';
import type { DnodeIdentity, IdentityFiles } from './identity.ts';

/** A sentence that did not change is said again after this. */
const SAY_AGAIN_MS = 60_000;

/** What a dnode says of itself that does not change while it runs. */
export interface SelfDescription {
  /** `fqdn:port`. */
  readonly endPoint: string;
  readonly version: string;
  readonly cores: number;
  readonly role: DnodeRole;
  readonly parameters: ClusterParameters;
}

/** What a membership stands on. */
export interface MembershipOptions {
  readonly self: SelfDescription;
  readonly files: IdentityFiles;
  readonly map: ClusterMap;
  /** What is on this dnode. */
  readonly vnodes: {
    reports(): Promise<VnodeReport[]>;
    /** Carries out one command of an answer. */
    obey(command: VnodeCommand): Promise<void>;
  };
  readonly load: { read(): Promise<HostLoad> };
  /** Finds the mnode's master among `candidates()`. */
  readonly finder: MasterFinder;
  /** The mnode of this process, while it is the master. */
  readonly localMnode: () => Mnode | undefined;
  /** False where a dnode surely does not answer: it is asked last. */
  readonly mayAnswer: (dnodeId: number) => boolean;
  /** firstEp and secondEp. */
  readonly doors: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** This dnode belongs to a cluster from now on. */
  readonly onJoined: (identity: DnodeIdentity) => void;
  /** Dnodes that are to have an mnode. */
  readonly onMnodes: (dnodeIds: readonly number[]) => void;
  /** This dnode was dropped from its cluster and must end. */
  readonly onDropped: (sentence: string) => void;
}

/** See the head of this file. */
export class Membership {
  readonly #options: MembershipOptions;
  #identity: DnodeIdentity | undefined;
  #why: string;
  #said = { text: '', at: 0 };
  #running: Promise<void> | undefined;
  #queued: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #isHeard = false;

  constructor(options: MembershipOptions, identity: DnodeIdentity | undefined) {
    this.#options = options;
    this.#identity = identity;
    this.#why = `this dnode has not joined a cluster yet and asks ${options.doors.join(', ')}`;
  }

  /** 0: never joined. */
  get dnodeId(): number {
    return this.#identity?.dnodeId ?? 0;
  }

  /** Empty: never joined. */
  get clusterId(): string {
    return this.#identity?.clusterId ?? '';
  }

  /** Why this dnode answers nothing; undefined once it belongs to a cluster. */
  notReady(): TaosError | undefined {
    if (this.#identity !== undefined) return undefined;
    return new TaosError(ErrorCode.MND_NOT_READY, undefined, { detail: this.#why });
  }

  /** Whom to ask for the mnode's master. */
  candidates(): readonly string[] {
    const { map, doors, self, mayAnswer } = this.#options;
    if (this.#identity === undefined) return doors;
    const known = [...map.mnodes, ...map.dnodes];
    const there = known.filter(({ dnodeId }) => mayAnswer(dnodeId));
    return [...there, ...known]
      .map(({ endPoint }) => endPoint)
      .filter((endPoint) => endPoint.toLowerCase() !== self.endPoint.toLowerCase());
  }

  /** This dnode belongs to a cluster from now on: it was let in, or has founded it. */
  join(identity: DnodeIdentity): void {
    this.#options.files.writeIdentity(identity);
    this.#identity = identity;
    this.#options.onJoined(identity);
  }

  /** Begins to report. */
  start(): void {
    void this.#loop();
  }

  /** Reports once more, after what is under way; resolves when that report was answered or failed. */
  beat(): Promise<void> {
    this.#queued ??= this.#beatAfter(this.#running);
    return this.#queued;
  }

  /** Reports no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #loop(): Promise<void> {
    await this.beat();
    if (this.#isClosed) return;
    const { statusInterval } = this.#options.self.parameters;
    this.#timer = setTimeout(() => void this.#loop(), statusInterval * 1000);
  }

  async #beatAfter(before: Promise<void> | undefined): Promise<void> {
    await before;
    this.#running = this.#queued;
    this.#queued = undefined;
    if (!this.#isClosed) await this.#report();
  }

  async #report(): Promise<void> {
    const { localMnode, finder } = this.#options;
    try {
      const report = await this.#describe();
      const mnode = localMnode();
      const answer =
        mnode === undefined ? await finder.call(status, report) : await mnode.onStatus(report);
      this.#take(answer);
    } catch (error) {
      const reason = error instanceof TaosError ? (error.detail ?? error.message) : String(error);
      this.#isHeard = false;
      this.#say(this.#identity === undefined ? this.#knocking(reason) : `no answer: ${reason}`);
    }
  }

  async #describe(): Promise<StatusReport> {
    const { self, vnodes, load } = this.#options;
    return {
      ...self,
      dnodeId: this.dnodeId,
      clusterId: this.clusterId,
      load: await load.read(),
      vnodes: await vnodes.reports(),
    };
  }

  #take(answer: StatusAnswer): void {
    if (this.#isClosed) return;
    switch (answer.kind) {
      case 'welcome':
        this.#welcome(answer);
        return;
      case 'unknown':
        this.#say(this.#knocking(answer.detail));
        return;
      case 'refused':
        this.#isHeard = false;
        this.#say(`this dnode is offline in its cluster (${answer.reason}): ${answer.detail}`);
        return;
      case 'dropped':
        this.#isClosed = true;
        clearTimeout(this.#timer);
        this.#options.onDropped(answer.detail);
        return;
    }
  }

  #welcome(answer: Extract<StatusAnswer, { readonly kind: 'welcome' }>): void {
    const { map, self, logger } = this.#options;
    const { dnodeId, clusterId } = answer;
    if (dnodeId !== this.dnodeId || clusterId !== this.clusterId) {
      this.join({ dnodeId, clusterId });
      logger.info('DND', `${self.endPoint} joined cluster ${clusterId} as dnode ${dnodeId}`);
      void this.beat(); // the cluster knows now that this dnode knows its id
    }
    map.update(answer.dnodes, answer.mnodes);
    this.#options.onMnodes(answer.mnodes.map((mnode) => mnode.dnodeId));
    if (!this.#isHeard && this.#said.text !== '')
      logger.info('DND', `dnode ${dnodeId} is heard by its cluster`);
    this.#isHeard = true;
    this.#said = { text: '', at: 0 };
    for (const command of answer.commands) {
      const vgId = command.kind === 'drop' ? command.vgId : command.config.vgId;
      this.#options.vnodes.obey(command).then(
        () => logger.info('DND', `vgId:${vgId} ${command.kind} by the answer to a report`),
        (error: unknown) =>
          logger.error('DND', `vgId:${vgId} ${command.kind} failed: ${String(error)}`),
      );
    }
  }

  #knocking(reason: string): string {
    const { doors, self } = this.#options;
    return `${self.endPoint} belongs to no cluster and serves nothing; it asked ${doors.join(', ')}: ${reason}`;
  }

  /** Says a sentence once a minute while it stays the same. */
  #say(text: string): void {
    const { clock, logger } = this.#options;
    const now = clock.monotonic();
    this.#why = text;
    if (text === this.#said.text && now - this.#said.at < SAY_AGAIN_MS) return;
    this.#said = { text, at: now };
    logger.warn('DND', text);
  }
}
