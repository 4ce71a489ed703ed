/**
 * Calls to other dnodes. A call ends with its answer, with the error that the other side threw, or with a
 * NetworkError that says whether the request may have arrived. Only an idempotent call is sent again by itself,
 * once, when the socket broke under it; everything else is the caller's decision.
 */
import type { Dispatcher } from 'undici';
import { ErrorCode, TaosError, type Clock } from '@tdnode/common';
import { hashOf, sameText, type Authenticator } from '../auth/authenticator.ts';
import type { TlsOptions } from '../auth/tls.ts';
import { decode, encode } from '../codec/encode.ts';
import { malformed } from '../codec/shape.ts';
import { MAX_CALLS_IN_FLIGHT, MAX_DEADLINE_MS, MAX_SMALL_BYTES } from '../limits/limits.ts';
import type { Call, StreamCall } from '../messages/call.ts';
import { NetworkError, errorOf, failureShape } from '../messages/failure.ts';
import { PROTOCOL_VERSION } from '../messages/protocol-version.ts';
import type { FragmentStream } from '../services/vnode-service.ts';
import { Connections } from './connections.ts';
import { networkFailure, tooSlow } from './network-failure.ts';
import { RemoteStream } from './remote-stream.ts';

/** What a client stands on. */
export interface RpcClientOptions {
  readonly auth: Authenticator;
  readonly clock: Clock;
  readonly tls?: TlsOptions | undefined;
}

/** What one call may ask for besides. */
export interface CallLimits {
  /** Instead of the call's own. */
  readonly deadlineMs?: number;
  /** Gives the call up. */
  readonly signal?: AbortSignal;
}

/** Of requests and answers; another program's refusals have another one. */
const CONTENT_TYPE = 'application/octet-stream';

type Body = Dispatcher.ResponseData['body'];

/** See the head of this file. */
export class RpcClient {
  readonly #auth: Authenticator;
  readonly #clock: Clock;
  readonly #connections: Connections;
  readonly #inFlight = new Map<string, number>();
  /** What calls failed with because their dnode is known to be gone: it is not asked again. */
  readonly #gone = new WeakSet<Error>();

  constructor({ auth, clock, tls }: RpcClientOptions) {
    this.#auth = auth;
    this.#clock = clock;
    this.#connections = new Connections(tls);
  }

  /** Asks `fqdn:port` and resolves to its answer. */
  async call<Q, R>(
    endPoint: string,
    call: Call<Q, R>,
    request: Q,
    limits: CallLimits = {},
  ): Promise<R> {
    const body = encode(call.request, request);
    const deadlineMs = Math.min(limits.deadlineMs ?? call.deadlineMs, MAX_DEADLINE_MS);
    const end = this.#clock.monotonic() + deadlineMs;
    this.#enter(endPoint);
    try {
      return await this.#callOnce(endPoint, call, body, { ...limits, deadlineMs });
    } catch (error) {
      const leftMs = end - this.#clock.monotonic();
      const isOver = limits.signal?.aborted === true || leftMs < 1;
      if (!call.isIdempotent || isOver || !this.#isBroken(error)) throw error;
      return await this.#callOnce(endPoint, call, body, { ...limits, deadlineMs: leftMs });
    } finally {
      this.#leave(endPoint);
    }
  }

  /** Starts a stream at once; its errors come to the one who reads it. */
  stream<Q>(
    endPoint: string,
    call: StreamCall<Q>,
    request: Q,
    limits: CallLimits = {},
  ): FragmentStream {
    const controller = new AbortController();
    const { signal } = limits;
    const onAbort = (): void => controller.abort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const opening = this.#openStream(endPoint, call, encode(call.request, request), controller);
    return new RemoteStream(endPoint, opening, {
      abort: () => {
        signal?.removeEventListener('abort', onAbort);
        controller.abort();
      },
    });
  }

  /** Breaks all sockets to a dnode that is known to be gone: calls that wait for it fail at once. */
  drop(endPoint: string): void {
    const reason = new NetworkError(ErrorCode.RPC_NETWORK_UNAVAIL, true, `${endPoint} went away`);
    this.#gone.add(reason);
    this.#connections.drop(endPoint, reason);
  }

  /** Breaks all sockets; calls that wait fail. */
  close(): Promise<void> {
    return this.#connections.close();
  }

  async #callOnce<Q, R>(
    endPoint: string,
    call: Call<Q, R>,
    body: Uint8Array,
    limits: Required<Pick<CallLimits, 'deadlineMs'>> & CallLimits,
  ): Promise<R> {
    const controller = new AbortController();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      controller.abort();
    }, limits.deadlineMs);
    const onAbort = (): void => controller.abort();
    limits.signal?.addEventListener('abort', onAbort, { once: true });
    if (limits.signal?.aborted === true) controller.abort();
    try {
      const {
        statusCode,
        signature,
        headers,
        body: answer,
      } = await this.#send(endPoint, call, body, controller.signal);
      const bytes = await readAnswer(answer, statusCode === 200 ? call.maxBytes : MAX_SMALL_BYTES);
      this.#checkProof(endPoint, { signature, statusCode, headers, content: hashOf(bytes) });
      if (statusCode !== 200) throw errorOf(decode(failureShape, bytes));
      return decode(call.response, bytes);
    } catch (error) {
      if (isLate) throw tooSlow(endPoint, call.name, limits.deadlineMs);
      throw error instanceof TaosError ? error : networkFailure(endPoint, error);
    } finally {
      clearTimeout(timer);
      limits.signal?.removeEventListener('abort', onAbort);
    }
  }

  async #openStream<Q>(
    endPoint: string,
    call: StreamCall<Q>,
    body: Uint8Array,
    controller: AbortController,
  ): Promise<Body> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      controller.abort();
    }, call.deadlineMs);
    try {
      this.#enter(endPoint);
      const {
        statusCode,
        signature,
        headers,
        body: answer,
      } = await this.#send(endPoint, call, body, controller.signal);
      if (statusCode === 200) {
        this.#checkProof(endPoint, { signature, statusCode, headers, content: 'stream' });
        return answer;
      }
      const bytes = await readAnswer(answer, MAX_SMALL_BYTES);
      this.#checkProof(endPoint, { signature, statusCode, headers, content: hashOf(bytes) });
      throw errorOf(decode(failureShape, bytes));
    } catch (error) {
      if (isLate) throw tooSlow(endPoint, call.name, call.deadlineMs);
      throw error instanceof TaosError ? error : networkFailure(endPoint, error);
    } finally {
      clearTimeout(timer);
      this.#leave(endPoint);
    }
  }

  async #send(
    endPoint: string,
    call: Pick<Call<unknown, unknown>, 'name' | 'lane'>,
    body: Uint8Array,
    signal: AbortSignal,
  ): Promise<
    Pick<Dispatcher.ResponseData, 'statusCode' | 'headers' | 'body'> & { signature: string }
  > {
    const path = `/rpc/${call.name}`;
    const signed = this.#auth.sign({ method: 'POST', path, to: endPoint, bodyHash: hashOf(body) });
    const {
      statusCode,
      headers,
      body: answer,
    } = await this.#connections.request(endPoint, call.lane, {
      path,
      method: 'POST',
      headers: {
        ...signed,
        'x-td-protocol': String(PROTOCOL_VERSION),
        'content-type': CONTENT_TYPE,
      },
      body,
      signal,
    });
    return { statusCode, headers, body: answer, signature: signed['x-td-mac'] };
  }

  /** An answer without a proof is believed only where it refuses us: a stranger can do that anyway. */
  #checkProof(
    endPoint: string,
    answer: {
      readonly signature: string;
      readonly statusCode: number;
      readonly headers: Dispatcher.ResponseData['headers'];
      readonly content: string;
    },
  ): void {
    const { signature, statusCode, headers, content } = answer;
    const proof = headers['x-td-proof'];
    const expected = this.#auth.proof('answer', signature, String(statusCode), content);
    if (typeof proof === 'string' && sameText(proof, expected)) return;
    const isRefusal = UNPROVED.has(statusCode) && headers['content-type'] === CONTENT_TYPE;
    if (proof === undefined && isRefusal) return;
    throw new TaosError(ErrorCode.RPC_AUTH_FAILURE, undefined, {
      detail: `the answer of ${endPoint} is not signed with this cluster's secret: it is another program, or its clusterSecret differs`,
    });
  }

  /** Whether the socket broke: a second try on a fresh one may succeed at once. */
  #isBroken(error: unknown): boolean {
    if (!(error instanceof NetworkError) || this.#gone.has(error)) return false;
    return error.code === ErrorCode.RPC_NETWORK_UNAVAIL && error.wasSent;
  }

  #enter(endPoint: string): void {
    const running = this.#inFlight.get(endPoint) ?? 0;
    this.#inFlight.set(endPoint, running + 1);
    if (running < MAX_CALLS_IN_FLIGHT) return;
    this.#leave(endPoint);
    throw new NetworkError(
      ErrorCode.RPC_MAX_SESSIONS,
      false,
      `${MAX_CALLS_IN_FLIGHT} calls to ${endPoint} are waiting already`,
    );
  }

  #leave(endPoint: string): void {
    const running = this.#inFlight.get(endPoint)! - 1;
    if (running === 0) this.#inFlight.delete(endPoint);
    else this.#inFlight.set(endPoint, running);
  }
}

/** Refusals that come before the sender is verified. */
const UNPROVED = new Set([401, 404, 426, 431, 503]);

/** The whole body, with no memory above the limit. */
async function readAnswer(body: Body, maxBytes: number): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBytes) throw malformed(`an answer above ${maxBytes} bytes`);
    pieces.push(piece);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
