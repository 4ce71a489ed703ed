/**
 * What a call is: a name, the shapes of what goes and comes, and how it may be treated on the way. A call is
 * data that both ends share; `RpcServer.handle` and `RpcClient.call` do the rest.
 */
import type { Shape } from '../codec/shape.ts';
import { DEFAULT_DEADLINE_MS, MAX_SMALL_BYTES } from '../limits/limits.ts';

/** How a call is treated. */
export interface CallOptions {
  /** May be sent again when nobody knows whether it arrived. */
  readonly isIdempotent: boolean;
  /** `any`: also from and to dnodes that have not joined. Default `same`. */
  readonly cluster?: 'same' | 'any';
  /** `control` calls have sockets of their own and never queue behind data. Default `data`. */
  readonly lane?: 'control' | 'data';
  /** Bytes of the request and of the answer. Default `MAX_SMALL_BYTES`. */
  readonly maxBytes?: number;
  readonly deadlineMs?: number;
}

/** One request, one answer. */
export interface Call<Q, R> extends Required<CallOptions> {
  readonly name: string;
  readonly request: Shape<Q>;
  readonly response: Shape<R>;
}

/** One request, then frames for as long as the reader wants them. */
export interface StreamCall<Q> extends Required<CallOptions> {
  readonly name: string;
  readonly request: Shape<Q>;
}

const standard: Required<CallOptions> = {
  isIdempotent: false,
  cluster: 'same',
  lane: 'data',
  maxBytes: MAX_SMALL_BYTES,
  deadlineMs: DEFAULT_DEADLINE_MS,
};

/** Names a call. Names are lower-case words with a dot between: `vnode.write`. */
export function defineCall<Q, R>(
  definition: CallOptions & Pick<Call<Q, R>, 'name' | 'request' | 'response'>,
): Call<Q, R> {
  return { ...standard, ...definition };
}

/** Names a call whose answer is a stream; `deadlineMs` is for the first frame. */
export function defineStream<Q>(
  definition: CallOptions & Pick<StreamCall<Q>, 'name' | 'request'>,
): StreamCall<Q> {
  return { ...standard, ...definition };
}
