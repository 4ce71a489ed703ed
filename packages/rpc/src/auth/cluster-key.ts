/**
 * Keys from the cluster's secret. The secret is a word that people choose, so scrypt makes guessing dear, once a
 * start; HKDF then gives each wire a key of its own, so that a proof for one is none for the other.
 */
import { hkdfSync, scryptSync } from 'node:crypto';

/** scrypt: 16 MiB and about 40 ms, once. */
const COST = { N: 16_384, r: 8, p: 1 } as const;
/** Constant, since all dnodes must get the same key from the same secret before they know each other. */
const SALT = 'tdnode cluster secret 1';
const KEY_BYTES = 32;

/** The keys of one cluster. */
export interface ClusterKeys {
  /** Signs calls on serverPort. */
  readonly rpc: Uint8Array;
  /** Signs the opening of replication connections on serverPort + 10. */
  readonly transport: Uint8Array;
}

/** Derives the keys; slow by intention, call it once. */
export function deriveClusterKeys(secret: string): ClusterKeys {
  const root = scryptSync(secret, SALT, KEY_BYTES, COST);
  const key = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', root, SALT, purpose, KEY_BYTES));
  return { rpc: key('rpc'), transport: key('transport') };
}
