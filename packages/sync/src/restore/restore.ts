/**
 * Files first: a replica that is too far behind copies the immutable files of another, then gets the log from
 * their version on. This is both ends of it for one replica; docs/protocol/sync.md, "Files".
 *
 * Every frame may be lost, repeated or late: requests are repeated until answered, an offer is known by its sender
 * and number, and a replica that already has what is offered says `done` at once.
 */
import type { FileSystem, Logger } from '@tdnode/common';
import type { ReplicaId } from '../core/types.ts';
import type { Anchor } from '../driver/replica-state.ts';
import type { StagedFile, StateMachine } from '../driver/state-machine.ts';
import type { Bandwidth } from './bandwidth.ts';
import { decodeRestoreFrame, encodeRestoreFrame, type RestoreFrame } from './frames.ts';
import { FileSource } from './source.ts';
import { isSafeName } from './staging.ts';
import { FileTarget } from './target.ts';

export type { Bandwidth } from './bandwidth.ts';

/** What the transfer stands on. */
export interface RestoreServices {
  readonly vgId: number;
  readonly id: ReplicaId;
  readonly fs: FileSystem;
  readonly logger: Logger;
  readonly machine: StateMachine;
  readonly bandwidth?: Bandwidth;
  readonly send: (to: ReplicaId, parts: readonly Uint8Array[], lane: 'bulk') => void;
  readonly anchorOf: (version: number) => Anchor;
  readonly term: () => number;
  /** Whether files up to the anchor's version may take the place of the log. */
  readonly wants: (anchor: Anchor) => boolean;
  /** Puts the files in place; everything about `anchor` holds when it returns. */
  readonly install: (files: readonly StagedFile[], anchor: Anchor) => void;
  /** The follower has everything up to `version`, or (undefined) was given up. */
  readonly sent: (to: ReplicaId, version: number | undefined) => void;
}

type Body = RestoreFrame extends infer F
  ? F extends RestoreFrame
    ? Omit<F, 'from' | 'to' | 'term'>
    : never
  : never;

/** See the head of this file. */
export class Restore {
  readonly #services: RestoreServices;
  readonly #sources = new Map<ReplicaId, FileSource>();
  #target: FileTarget | undefined;
  #offers = 0;

  constructor(services: RestoreServices) {
    this.#services = services;
  }

  /** Begins to send the files of now to `to`. */
  offer(to: ReplicaId): void {
    this.#sources.get(to)?.close();
    const { machine, bandwidth, anchorOf } = this.#services;
    const snapshot = machine.openSnapshot();
    // Numbers of offers stay apart from those before a restart by the term.
    const offerId = this.#services.term() * 65536 + (++this.#offers % 65536);
    this.#sources.set(
      to,
      new FileSource({
        to,
        offerId,
        snapshot,
        anchor: anchorOf(snapshot.version),
        bandwidth,
        send: (body) => this.#send(to, { ...body, offerId } as Body),
      }),
    );
  }

  /** Takes a frame of a transfer. */
  receive(bytes: Uint8Array): void {
    const { vgId, id, term } = this.#services;
    const frame = decodeRestoreFrame(bytes, vgId);
    if (frame === undefined || frame.to !== id) return;
    switch (frame.kind) {
      case 'offer':
        if (frame.term >= term()) this.#onOffer(frame);
        return;
      case 'request': {
        const source = this.#sources.get(frame.from);
        if (source?.offerId === frame.offerId) source.request(frame);
        return;
      }
      case 'chunk':
        if (this.#target?.from !== frame.from || this.#target.offerId !== frame.offerId) return;
        this.#staged(frame.from, () => this.#target?.chunk(frame));
        this.#installIfComplete();
        return;
      case 'done':
        this.#onDone(frame);
        return;
    }
  }

  /** Time passed. */
  tick(): void {
    for (const [to, source] of this.#sources) if (!source.tick()) this.#finish(to, undefined);
    if (this.#target?.tick() === false) this.#giveUp();
  }

  /** Lets go of everything; what is staged stays. */
  close(): void {
    for (const source of this.#sources.values()) source.close();
    this.#sources.clear();
    this.#giveUp();
  }

  #onOffer(offer: Extract<RestoreFrame, { kind: 'offer' }>): void {
    const { wants, machine, fs, logger } = this.#services;
    const { from, offerId, anchor, files } = offer;
    if (!wants(anchor)) {
      this.#send(from, { kind: 'done', offerId, version: anchor.version });
      return;
    }
    if (this.#target?.from === from && this.#target.offerId === offerId) return;
    const unsafe = files.find(({ name }) => !isSafeName(name));
    if (unsafe !== undefined) {
      logger.warn('SYN', `replica ${from} offers a file with an unusable name: ${unsafe.name}`);
      return;
    }
    this.#giveUp();
    const place = { fs, folder: machine.stagingFolder };
    this.#staged(from, () => {
      this.#target = new FileTarget(place, offer, (file, offset, length) =>
        this.#send(from, { kind: 'request', offerId, file, offset, length }),
      );
    });
    this.#installIfComplete();
  }

  /** Writes to the staging folder: a full disk ends the transfer, not the replica; the next offer tries again. */
  #staged(from: ReplicaId, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOSPC') throw error;
      this.#services.logger.error('SYN', `files from replica ${from} do not fit: ${error.message}`);
      this.#giveUp();
    }
  }

  #installIfComplete(): void {
    const target = this.#target;
    const staging = target?.complete;
    if (target === undefined || staging === undefined) return;
    this.#target = undefined;
    // What the log brought meanwhile may be more than the files.
    if (this.#services.wants(target.anchor))
      this.#services.install(staging.staged(), target.anchor);
    staging.remove();
    const { from, offerId, anchor } = target;
    this.#send(from, { kind: 'done', offerId, version: anchor.version });
  }

  #onDone({ from, offerId, version }: Extract<RestoreFrame, { kind: 'done' }>): void {
    const source = this.#sources.get(from);
    if (source?.offerId === offerId && version >= source.version) this.#finish(from, version);
  }

  #finish(to: ReplicaId, version: number | undefined): void {
    this.#sources.get(to)?.close();
    this.#sources.delete(to);
    this.#services.sent(to, version);
  }

  #giveUp(): void {
    this.#target?.close();
    this.#target = undefined;
  }

  #send(to: ReplicaId, body: Body): void {
    const { vgId, id, term, send } = this.#services;
    const frame = { ...body, from: id, to, term: term() } as RestoreFrame;
    send(to, [encodeRestoreFrame(vgId, frame)], 'bulk');
  }
}
