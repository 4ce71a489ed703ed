/**
 * The side that has the files: offers them to one follower, answers its requests as bandwidth allows, and lets go
 * of them when it is done or has fallen silent. The follower asks, so it alone knows how far it is.
 */
import type { ReplicaId } from '../core/types.ts';
import type { Anchor } from '../driver/replica-state.ts';
import type { SnapshotSource } from '../driver/state-machine.ts';
import type { Bandwidth } from './bandwidth.ts';
import type { RestoreFrame } from './frames.ts';

/** The longest piece of a file in one frame. */
export const CHUNK_BYTES = 256 * 1024;
/** Requests of one follower that wait for bandwidth; more are dropped, it will ask again. */
const WAITING_MAX = 16;
/** The offer is repeated after so many ticks without a request. */
const OFFER_TICKS = 5;
/** A follower that asked for nothing for so many ticks is given up. */
const SILENT_TICKS = 60;

type Request = Extract<RestoreFrame, { kind: 'request' }>;

/** See the head of this file. */
export class FileSource {
  readonly to: ReplicaId;
  readonly offerId: number;
  readonly #snapshot: SnapshotSource;
  readonly #anchor: Anchor;
  readonly #bandwidth: Bandwidth | undefined;
  readonly #send: (body: SourceBody) => void;
  #waiting: Request[] = [];
  #silentTicks = 0;

  constructor(options: {
    readonly to: ReplicaId;
    readonly offerId: number;
    readonly snapshot: SnapshotSource;
    readonly anchor: Anchor;
    readonly bandwidth: Bandwidth | undefined;
    readonly send: (body: SourceBody) => void;
  }) {
    this.to = options.to;
    this.offerId = options.offerId;
    this.#snapshot = options.snapshot;
    this.#anchor = options.anchor;
    this.#bandwidth = options.bandwidth;
    this.#send = options.send;
    this.#offer();
  }

  /** Version up to which the files go. */
  get version(): number {
    return this.#snapshot.version;
  }

  /** One request, answered now or as bandwidth comes. */
  request(request: Request): void {
    this.#silentTicks = 0;
    const file = this.#snapshot.files[request.file];
    const { offset, length } = request;
    if (file === undefined || length > CHUNK_BYTES || offset < 0 || offset > file.size) return;
    if (this.#waiting.length < WAITING_MAX) this.#waiting.push(request);
    this.#pump();
  }

  /** Time passed; false: the follower is given up. */
  tick(): boolean {
    this.#pump();
    if (this.#waiting.length > 0) return true;
    this.#silentTicks++;
    if (this.#silentTicks % OFFER_TICKS === 0) this.#offer();
    return this.#silentTicks < SILENT_TICKS;
  }

  /** Lets go of the files. */
  close(): void {
    this.#snapshot.release();
  }

  #offer(): void {
    this.#send({ kind: 'offer', anchor: this.#anchor, files: this.#snapshot.files });
  }

  #pump(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const { file, offset, length } = next;
      if (this.#bandwidth?.spend(length) === false) return;
      this.#waiting.shift();
      const bytes = this.#snapshot.read(file, offset, length);
      this.#send({ kind: 'chunk', file, offset, bytes });
    }
  }
}

/** What a source says; the head is added by who sends it. */
export type SourceBody =
  | Pick<Extract<RestoreFrame, { kind: 'offer' }>, 'kind' | 'anchor' | 'files'>
  | Pick<Extract<RestoreFrame, { kind: 'chunk' }>, 'kind' | 'file' | 'offset' | 'bytes'>;
