/**
 * The calls of MnodeService. Statements and new tables carry the caller's place in the list of catalog changes
 * and bring back the changes since then, so that a client reads what it wrote; `mnode.changes` waits for those of others.
 */
import type { TagValue } from '@tdnode/common';
import {
  batch,
  catalogChange,
  dbMeta,
  name,
  resultColumns,
  tableMeta,
  tagValue,
  userMeta,
} from '../codec/service-shapes.ts';
import { bool, count, list, optional, struct, text, union, type Shape } from '../codec/shape.ts';
import {
  CHANGE_WAIT_MS,
  MAX_CHANGES_KEPT,
  MAX_LARGE_BYTES,
  MAX_SMALL_BYTES,
} from '../limits/limits.ts';
import type {
  AdminResult,
  CatalogChange,
  DbMeta,
  Session,
  TableMeta,
  UserMeta,
} from '../services/mnode-service.ts';
import { defineCall } from './call.ts';

const MAX_NAMES = 100_000;
const MAX_TAGS = 1024;
const MAX_BATCHES = 65_536;
/** A password's bytes; the mnode takes fewer. */
const PASSWORD_BYTES = 1024;

/** A place in a mnode's list of changes. */
export interface ChangePlace {
  /** The running mnode that counts; empty: none was asked yet. */
  readonly epoch: string;
  readonly sequence: number;
}

/** Changes up to a place. */
export interface ChangeNews extends ChangePlace {
  readonly changes: readonly CatalogChange[];
  /** The list does not reach back to the asked place: forget everything. */
  readonly isReset: boolean;
}

/** An answer with the changes that came before it. */
export interface WithNews<T> {
  readonly value: T;
  readonly news: ChangeNews;
}

const place = struct<ChangePlace>({ epoch: text(64), sequence: count });

const news = struct<ChangeNews>({
  epoch: text(64),
  sequence: count,
  changes: list(catalogChange, MAX_CHANGES_KEPT),
  isReset: bool,
});

const session = struct<Session>({
  user: name,
  db: optional(name) as Shape<string | undefined>,
  timezone: text(256),
});

const adminResult = union<AdminResult>({
  affected: struct<{
    rows: number;
    columns?: NonNullable<Extract<AdminResult, { kind: 'affected' }>['columns']>;
  }>({
    rows: count,
    columns: optional(resultColumns),
  }),
  rows: struct<Omit<Extract<AdminResult, { kind: 'rows' }>, 'kind'>>({
    columns: resultColumns,
    batches: list(batch, MAX_BATCHES),
  }),
});

/** A statement. */
export interface ExecuteRequest {
  readonly sql: string;
  readonly session: Session;
  readonly place: ChangePlace;
}

export const mnodeExecute = defineCall<ExecuteRequest, WithNews<AdminResult>>({
  name: 'mnode.execute',
  request: struct<ExecuteRequest>({ sql: text(MAX_SMALL_BYTES), session, place }),
  response: struct<WithNews<AdminResult>>({ value: adminResult, news }),
  isIdempotent: false,
  maxBytes: MAX_LARGE_BYTES * 4,
  deadlineMs: 120_000,
});

export const mnodeAuthenticate = defineCall<{ user: string; password: string }, UserMeta>({
  name: 'mnode.authenticate',
  request: struct<{ user: string; password: string }>({
    user: name,
    password: text(PASSWORD_BYTES),
  }),
  response: userMeta,
  isIdempotent: true,
});

export const mnodeUser = defineCall<{ name: string }, UserMeta>({
  name: 'mnode.user',
  request: struct<{ name: string }>({ name }),
  response: userMeta,
  isIdempotent: true,
});

export const mnodeDatabase = defineCall<{ name: string }, DbMeta | undefined>({
  name: 'mnode.database',
  request: struct<{ name: string }>({ name }),
  response: optional(dbMeta),
  isIdempotent: true,
});

export const mnodeTables = defineCall<
  { db: string; names: readonly string[] },
  readonly (TableMeta | undefined)[]
>({
  name: 'mnode.tables',
  request: struct<{ db: string; names: readonly string[] }>({
    db: name,
    names: list(name, MAX_NAMES),
  }),
  response: list(optional(tableMeta), MAX_NAMES),
  isIdempotent: true,
  maxBytes: MAX_LARGE_BYTES * 4,
});

/** Child tables to be there. */
export interface EnsureRequest {
  readonly db: string;
  readonly stable: string;
  readonly tables: readonly { readonly name: string; readonly tags: readonly TagValue[] }[];
  readonly session: Session;
  readonly place: ChangePlace;
}

/** Idempotent: tables that are there stay as they are. */
export const mnodeEnsureChildTables = defineCall<EnsureRequest, WithNews<readonly TableMeta[]>>({
  name: 'mnode.ensureChildTables',
  request: struct<EnsureRequest>({
    db: name,
    stable: name,
    tables: list(
      struct<{ name: string; tags: readonly TagValue[] }>({ name, tags: list(tagValue, MAX_TAGS) }),
      MAX_NAMES,
    ),
    session,
    place,
  }),
  response: struct<WithNews<readonly TableMeta[]>>({ value: list(tableMeta, MAX_NAMES), news }),
  isIdempotent: true,
  maxBytes: MAX_LARGE_BYTES * 4,
  deadlineMs: 120_000,
});

/** Answers as soon as there is a change behind `place`, and without one after CHANGE_WAIT_MS. */
export const mnodeChanges = defineCall<ChangePlace, ChangeNews>({
  name: 'mnode.changes',
  request: place,
  response: news,
  isIdempotent: true,
  lane: 'control',
  deadlineMs: CHANGE_WAIT_MS + 5_000,
});
