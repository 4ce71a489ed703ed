/**
 * Password hashes: scrypt with a salt of 16 bytes, 32 bytes of hash, N = 2^15, r = 8, p = 1 (about 70 ms, 32 MiB).
 * The C library gives so large a block back to the system when it is freed; one of half the size would stay.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { ErrorCode, TaosError } from '@tdnode/common';

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 ** 2 };
/** Hashes computed at the same time: more would starve the thread pool that files and names use too. */
const CONCURRENT_MAX = 2;
/** Who may wait for their turn (about five seconds); further attempts are refused, so that guessing costs no memory. */
const WAITING_MAX = 128;

export interface PasswordHash {
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** Of the whole process, because the thread pool is. */
let running = 0;
const waiting: (() => void)[] = [];

/** Salts and hashes a new password. */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(SALT_BYTES);
  return { salt, hash: await derive(password, salt) };
}

/** Whether `password` is the one behind the hash; an empty hash matches nothing. */
export async function verifyPassword(
  password: string,
  { salt, hash }: PasswordHash,
): Promise<boolean> {
  if (hash.length !== HASH_BYTES) return false;
  return timingSafeEqual(await derive(password, salt), hash);
}

async function derive(password: string, salt: Uint8Array): Promise<Uint8Array> {
  if (waiting.length >= WAITING_MAX) {
    throw new TaosError(ErrorCode.RPC_TOO_SLOW, undefined, { detail: 'too many logins at once' });
  }
  if (running >= CONCURRENT_MAX) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await new Promise((resolve, reject) => {
      scrypt(password, salt, HASH_BYTES, COST, (error, key) =>
        error === null ? resolve(key) : reject(error),
      );
    });
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}
