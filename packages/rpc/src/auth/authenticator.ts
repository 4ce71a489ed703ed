/**
 * Who speaks on a wire between dnodes. A request is signed with HMAC-SHA256 over method, path, the end point that
 * was dialled, the caller's end point, cluster id, time, signer, sequence and the hash of the body; the answer
 * carries a proof that its sender knows the key too. Page: docs/protocol/rpc.md, "Authentication".
 *
 * Invariants: the signature is checked on the headers alone, before a byte of the body is read; comparisons take
 * constant time; what a stranger sent is never answered with more than "refused", and never remembered.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ErrorCode, TaosError, type Clock } from '@tdnode/common';
import { MAX_CLOCK_SKEW_MS } from '../limits/limits.ts';
import { ReplayGuard } from './replay-guard.ts';

/** What identifies this dnode; functions, since a join changes the answers. */
export interface NodeIdentity {
  /** The cluster's id, empty before this dnode has joined one. */
  readonly clusterId: () => string;
  /** `fqdn:serverPort`. */
  readonly endPoint: string;
}

/** The verified sender of a request. */
export interface Caller {
  /** Its end point, as it calls itself. */
  readonly from: string;
  /** The cluster it belongs to, empty before it joined. */
  readonly clusterId: string;
  /** The end point it dialled: another one than ours when a name leads to the wrong host. */
  readonly dialled: string;
  /** The signature, which the proof of the answer takes up. */
  readonly signature: string;
  /** ms since 1970 by its clock. */
  readonly time: number;
  /** The running program that signed, and its number for the request. */
  readonly signer: string;
  readonly sequence: number;
}

/** A request as it is signed. */
export interface SignedRequest {
  readonly method: string;
  /** With the query string, if there is one. */
  readonly path: string;
  /** The end point that is dialled. */
  readonly to: string;
  readonly bodyHash: string;
}

const NAMES = ['to', 'from', 'cluster', 'time', 'signer', 'seq', 'body'] as const;

/** Signs and verifies for one wire of one dnode. */
export class Authenticator {
  readonly #key: Uint8Array;
  readonly #identity: NodeIdentity;
  readonly #clock: Clock;
  readonly #guard = new ReplayGuard();
  /** This running program; a restart is a new signer, whose numbers begin at 1. */
  readonly #signer = randomBytes(12).toString('hex');
  #sequence = 0;

  constructor(key: Uint8Array, identity: NodeIdentity, clock: Clock) {
    this.#key = key;
    this.#identity = identity;
    this.#clock = clock;
  }

  /** The headers that sign a request; `x-td-mac` among them is its signature. */
  sign(request: SignedRequest): Record<string, string> & { 'x-td-mac': string } {
    const values = {
      to: request.to,
      from: this.#identity.endPoint,
      cluster: this.#identity.clusterId(),
      time: String(this.#clock.now()),
      signer: this.#signer,
      seq: String(++this.#sequence),
      body: request.bodyHash,
    };
    const headers: Record<string, string> = {};
    for (const name of NAMES) headers[`x-td-${name}`] = values[name];
    const fields = NAMES.map((name) => values[name]);
    const mac = this.proof('request', request.method, request.path, ...fields);
    return { ...headers, 'x-td-mac': mac };
  }

  /** The sender of a request with these headers; throws TaosError where the signature is none of this cluster's. */
  verify(headers: IncomingHttpHeaders, method: string, path: string): Caller {
    const fields = NAMES.map((name) => headers[`x-td-${name}`]);
    const mac = headers['x-td-mac'];
    if (typeof mac !== 'string' || !fields.every((field) => typeof field === 'string'))
      throw refusal(ErrorCode.RPC_AUTH_REQUIRED, 'the request is not signed');
    const [to, from, clusterId, time, signer, sequence] = fields as string[];
    if (!sameText(mac, this.proof('request', method, path, ...fields))) {
      throw refusal(
        ErrorCode.RPC_AUTH_FAILURE,
        `the request of ${printable(from!)} is not signed with this cluster's secret: clusterSecret must be equal on all dnodes`,
      );
    }
    return {
      from: from!,
      clusterId: clusterId!,
      dialled: to!,
      signature: mac,
      time: Number(time),
      signer: signer!,
      sequence: Number(sequence),
    };
  }

  /**
   * Lets a verified request in: it is fresh, came for the first time and, with `same`, is of this cluster and meant
   * for this dnode (`any` is for knocking and joining). Throws TaosError with a sentence for both sides.
   */
  admit(caller: Caller, cluster: 'same' | 'any'): void {
    this.#checkFresh(caller);
    if (cluster === 'same') this.#checkPlace(caller);
  }

  /** A keyed hash of some words; the first names the purpose. No word may hold a line break. */
  proof(purpose: string, ...words: readonly string[]): string {
    const text = `TDnode-1 ${purpose}\n${words.join('\n')}`;
    return createHmac('sha256', this.#key).update(text).digest('hex');
  }

  #checkFresh({ from, time, signer, sequence }: Caller): void {
    const skew = time - this.#clock.now();
    if (!(Math.abs(skew) <= MAX_CLOCK_SKEW_MS)) {
      const direction = skew > 0 ? 'ahead of' : 'behind';
      throw refusal(
        ErrorCode.RPC_INVALID_TIME_STAMP,
        `the clock of ${from} is ${Math.round(Math.abs(skew) / 1000)} s ${direction} the clock of ${this.#identity.endPoint}: set both by NTP`,
      );
    }
    const isNumber = Number.isSafeInteger(sequence) && sequence > 0;
    const verdict = isNumber
      ? this.#guard.accept(signer, sequence, this.#clock.monotonic())
      : 'replayed';
    if (verdict === 'replayed')
      throw refusal(ErrorCode.RPC_ALREADY_PROCESSED, `a request of ${from} came a second time`);
    if (verdict === 'too many signers')
      throw refusal(
        ErrorCode.RPC_MAX_SESSIONS,
        'too many programs sign requests; one may be restarting in a circle',
      );
  }

  #checkPlace({ from, clusterId, dialled }: Caller): void {
    const own = this.#identity.clusterId();
    if (own !== '' && clusterId !== own) {
      const other = clusterId === '' ? 'no cluster yet' : `cluster ${clusterId}`;
      throw refusal(
        ErrorCode.MND_INVALID_CLUSTER_ID,
        `${from} belongs to ${other}, ${this.#identity.endPoint} to cluster ${own}`,
      );
    }
    if (dialled.toLowerCase() !== this.#identity.endPoint.toLowerCase()) {
      throw refusal(
        ErrorCode.RPC_FQDN_ERROR,
        `${from} dialled ${dialled} and reached ${this.#identity.endPoint}: that name leads to the wrong host`,
      );
    }
  }
}

/** SHA-256 in hex: how a body enters its signature. */
export function hashOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Whether two texts are equal, in time that depends on the length only. */
export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

function refusal(code: number, detail: string): TaosError {
  return new TaosError(code, undefined, { detail });
}

/** A stranger's word, short and without surprises, for the log. */
function printable(word: string): string {
  return word.slice(0, 100).replaceAll(/[^\x21-\x7e]/g, '?') || 'a stranger';
}
