/**
 * What the mnode's master, on another dnode, said of users lately, so that a request costs no question: right
 * passwords (as hashes) and rights.
 *
 * Trusted only while changes are heard: a changed or dropped user is forgotten when the change arrives, and where
 * nothing arrived for FRESH_MS, not even that nothing changed, the mnode is asked again.
 */
import type { Clock } from '@tdnode/common';
import { VerifiedCredentials } from '../auth/verified-credentials.ts';
import { CHANGE_WAIT_MS } from '../limits/limits.ts';
import type { UserMeta } from '../services/mnode-service.ts';

/** A mnode says at least once in CHANGE_WAIT_MS that nothing changed. */
const FRESH_MS = CHANGE_WAIT_MS + 5_000;
const MAX_USERS = 10_000;

/** See the head of this file. */
export class UserCache {
  readonly #clock: Clock;
  readonly #passwords = new VerifiedCredentials();
  readonly #users = new Map<string, UserMeta>();
  /** Grows with everything that is forgotten: an answer that was asked for before is not remembered. */
  #generation = 0;
  /** When the last news came, by the monotonic clock. */
  #heardAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get generation(): number {
    return this.#generation;
  }

  /** All changes up to now are known. */
  heard(): void {
    this.#heardAt = this.#clock.monotonic();
  }

  /** Nobody listens to changes any more. */
  deafen(): void {
    this.#heardAt = Number.NEGATIVE_INFINITY;
  }

  /** The user by name, if that is known. */
  user(name: string): UserMeta | undefined {
    return this.#clock.monotonic() - this.#heardAt < FRESH_MS ? this.#users.get(name) : undefined;
  }

  /** The user, if this is known to be his password. */
  verified(name: string, password: string): UserMeta | undefined {
    const user = this.user(name);
    return user !== undefined && this.#passwords.has(name, password) ? user : undefined;
  }

  /** What the mnode answered to a question that was asked in `generation`. */
  remember(generation: number, user: UserMeta, password?: string): void {
    if (generation !== this.#generation) return;
    if (this.#users.size >= MAX_USERS) this.#users.clear();
    this.#users.set(user.name, user);
    if (password !== undefined) this.#passwords.remember(user.name, password);
  }

  /** One user changed; undefined: nobody knows which. */
  forget(name: string | undefined): void {
    this.#generation++;
    if (name === undefined) {
      this.#users.clear();
      this.#passwords.clear();
    } else {
      this.#users.delete(name);
      this.#passwords.forget(name);
    }
  }
}
