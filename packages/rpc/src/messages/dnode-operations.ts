/** The calls of DnodeOperations. Each may be repeated. */
import { name } from '../codec/service-shapes.ts';
import { bool, count, f64, list, nothing, optional, struct, text } from '../codec/shape.ts';
import type { Shape } from '../codec/shape.ts';
import { MAX_LARGE_BYTES } from '../limits/limits.ts';
import type {
  DnodeWork,
  ListedConnection,
  ListedQuery,
  WorkTarget,
} from '../services/dnode-operations.ts';
import { defineCall } from './call.ts';

/** Somebody looks at a list, or waits for an end: a dnode that does not answer by then is busy or gone. */
const DEADLINE_MS = 2_000;
const MAX_CONNECTIONS = 65_536;
const MAX_QUERIES = 65_536;
const ADDRESS_BYTES = 64;
/** 512 characters. */
const SQL_BYTES = 2_048;
const VALUE_BYTES = 1_024;

const connection = struct<ListedConnection>({
  id: count,
  user: name,
  program: text(ADDRESS_BYTES),
  pid: count,
  address: text(ADDRESS_BYTES),
  loginAt: count,
  lastAccessAt: count,
});

const query = struct<ListedQuery>({
  connectionId: count,
  number: count,
  user: name,
  address: text(ADDRESS_BYTES),
  createdAt: count,
  elapsedUs: f64,
  sql: text(SQL_BYTES),
});

export const listWork = defineCall<void, DnodeWork>({
  name: 'dnode.work',
  request: nothing,
  response: struct<DnodeWork>({
    connections: list(connection, MAX_CONNECTIONS),
    queries: list(query, MAX_QUERIES),
  }),
  isIdempotent: true,
  lane: 'control',
  maxBytes: MAX_LARGE_BYTES,
  deadlineMs: DEADLINE_MS,
});

export const killWork = defineCall<WorkTarget, boolean>({
  name: 'dnode.kill',
  request: struct<WorkTarget>({
    connectionId: count,
    query: optional(count) as Shape<number | undefined>,
  }),
  response: bool,
  isIdempotent: true,
  lane: 'control',
  deadlineMs: DEADLINE_MS,
});

/** A setting's new value. */
export interface NewValue {
  readonly name: string;
  readonly value: string | undefined;
}

export const setVariable = defineCall<NewValue, void>({
  name: 'dnode.setVariable',
  request: struct<NewValue>({
    name,
    value: optional(text(VALUE_BYTES)) as Shape<string | undefined>,
  }),
  response: nothing,
  isIdempotent: true,
  lane: 'control',
  deadlineMs: DEADLINE_MS,
});
