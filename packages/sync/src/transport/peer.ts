/**
 * One other dnode: the connection that is up, if there is one, and the dialling that makes one. The side with the
 * lower id dials at once, the other only after a while without a connection. Pauses grow, with luck in them, and
 * the name is resolved again for every dial.
 */
import type { Random } from '@tdnode/common';
import { replaces } from './duplicates.ts';
import type { HandshakeStep } from './handshake.ts';
import type { TransportTiming } from './limits.ts';
import { CloseCode, type Link } from './link.ts';

/** Where a dnode's transport listens. */
export interface PeerAddress {
  readonly dnodeId: number;
  readonly host: string;
  /** The port of its transport: serverPort + 10. */
  readonly port: number;
  /** It never dials (an arbitrator does not know us): dial at once, whatever the ids say. */
  readonly neverDials?: boolean;
}

/** What a peer stands on, and whom it tells. */
export interface PeerOptions {
  readonly selfId: number;
  readonly timing: TransportTiming;
  readonly random: Random;
  readonly dial: (address: PeerAddress) => Dialling;
  readonly onUp: () => void;
  readonly onDown: (reason: string) => void;
}

/** A dial under way. */
export interface Dialling {
  abort(): void;
}

/** See the head of this file. */
export class Peer {
  readonly dnodeId: number;
  readonly #options: PeerOptions;
  /** Undefined: it came by itself and is not dialled. */
  #address: PeerAddress | undefined;
  #link: Link | undefined;
  #dialling: Dialling | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  /** The last connection that was up here. */
  #seen = '';
  #isClosed = false;

  constructor(dnodeId: number, options: PeerOptions) {
    this.dnodeId = dnodeId;
    this.#options = options;
  }

  /** The connection that is up. */
  get link(): Link | undefined {
    return this.#link;
  }

  /** Where it is from now on; a dial to another place is given up. */
  setAddress(address: PeerAddress): void {
    const old = this.#address;
    this.#address = address;
    if (old?.host === address.host && old.port === address.port) return;
    this.#dialling?.abort();
    this.#dialling = undefined;
    this.#failures = 0;
    this.#schedule();
  }

  /** A link of this peer is proved: it becomes the one that is up, or is closed as a duplicate. */
  proved(link: Link, { seen }: NonNullable<HandshakeStep['proved']>): void {
    if (link.isDialled) this.#dialling = undefined;
    const current = this.#link;
    const isWanted =
      !this.#isClosed &&
      (current === undefined || (!link.isDialled && replaces(link.facts!, current.facts!, seen)));
    if (!isWanted) {
      link.close(CloseCode.duplicate, 'another connection of this pair is up');
      return;
    }
    this.#link = undefined;
    if (current !== undefined) {
      current.close(CloseCode.duplicate, 'replaced by a newer connection');
      this.#options.onDown('replaced by a newer connection');
    }
    this.#clearTimer();
    this.#failures = 0;
    this.#link = link;
    link.begin(this.#seen);
    this.#seen = link.facts!.id;
    this.#options.onUp();
  }

  /** A link ended. */
  ended(link: Link, reason: string): void {
    if (link !== this.#link) return;
    this.#link = undefined;
    this.#options.onDown(reason);
    this.#schedule();
  }

  /** A dial came to nothing. */
  dialFailed(): void {
    this.#dialling = undefined;
    this.#failures++;
    this.#schedule();
  }

  /** Gives the peer up. */
  close(reason: string): void {
    this.#isClosed = true;
    this.#clearTimer();
    this.#dialling?.abort();
    this.#link?.close(CloseCode.going, reason);
  }

  #schedule(): void {
    if (this.#isClosed || this.#address === undefined) return;
    if (this.#link !== undefined || this.#dialling !== undefined) return;
    this.#clearTimer();
    this.#timer = setTimeout(() => this.#dial(), this.#pauseMs());
  }

  #pauseMs(): number {
    const { timing, random, selfId } = this.#options;
    const luck = 0.5 + random.next() / 2;
    const isFirst = selfId < this.dnodeId || this.#address!.neverDials === true;
    const backOff = timing.dialPauseMs * 2 ** Math.min(this.#failures, 16);
    const pause = Math.min(backOff, timing.dialPauseMaxMs);
    if (isFirst) return this.#failures === 0 ? 0 : pause * luck;
    return Math.max(pause, timing.standbyMs) * (0.5 + luck);
  }

  #dial(): void {
    this.#timer = undefined;
    this.#dialling = this.#options.dial(this.#address!);
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
