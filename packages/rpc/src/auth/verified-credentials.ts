/**
 * Credentials that were verified lately, so that a request costs no scrypt: SHA-256 of user and password,
 * in memory only, bounded, forgotten when the user changes.
 */
import { hash } from 'node:crypto';

const ENTRIES_MAX = 10_000;

export class VerifiedCredentials {
  /** By hash: the user. In order of insertion, so that the oldest goes first. */
  readonly #users = new Map<string, string>();

  has(user: string, password: string): boolean {
    return this.#users.get(keyOf(user, password)) === user;
  }

  remember(user: string, password: string): void {
    this.#users.set(keyOf(user, password), user);
    if (this.#users.size <= ENTRIES_MAX) return;
    const oldest = this.#users.keys().next();
    if (!oldest.done) this.#users.delete(oldest.value);
  }

  /** Forgets all passwords of a user. */
  forget(user: string): void {
    for (const [key, owner] of this.#users) if (owner === user) this.#users.delete(key);
  }

  /** Forgets all: others may have changed passwords meanwhile. */
  clear(): void {
    this.#users.clear();
  }
}

function keyOf(user: string, password: string): string {
  return hash('sha256', `${user}\0${password}`, 'base64');
}
