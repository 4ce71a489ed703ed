/** `append`: the master's entries (prevVersion, lastVersion] for a follower, and what stands before them. */
import type { ByteReader, ByteWriter } from '@tdnode/common';
import { decodeConfig, encodeConfig } from '../core/config-codec.ts';
import type { ConfigAt } from '../core/types.ts';
import type { Envelope } from './envelope.ts';

/**
 * Entries follow `prevVersion`, whose term the follower compares: log matching. lastVersion = prevVersion: a mere
 * probe. (`from` and `to` are the envelope's: sender and receiver.)
 */
export interface Append extends Envelope {
  readonly kind: 'append';
  readonly prevVersion: number;
  readonly prevTerm: number;
  /** Version of the last entry. */
  readonly lastVersion: number;
  /** The master's commit, which may lie above `lastVersion`. */
  readonly commit: number;
  /** Terms of the entries, as runs: ascending, the first begins at prevVersion + 1; empty when there are no entries. */
  readonly terms: readonly TermRun[];
  /** The config entries among them. */
  readonly configs: readonly ConfigAt[];
}

/** Entries from `version` on, up to the next run, have this term. */
export interface TermRun {
  readonly version: number;
  readonly term: number;
}

/** Byte layout behind the envelope: docs/protocol/sync.md. */
export function encodeAppend(writer: ByteWriter, message: Append): void {
  writer.f64(message.prevVersion);
  writer.u32(message.prevTerm);
  writer.f64(message.lastVersion);
  writer.f64(message.commit);
  writer.varint(message.terms.length);
  for (const { version, term } of message.terms) {
    writer.f64(version);
    writer.u32(term);
  }
  writer.varint(message.configs.length);
  for (const { version, config } of message.configs) {
    writer.f64(version);
    encodeConfig(writer, config);
  }
}

/** The fields that `encodeAppend` wrote. */
export function decodeAppend(reader: ByteReader, envelope: Envelope): Append {
  return {
    ...envelope,
    kind: 'append',
    prevVersion: reader.f64(),
    prevTerm: reader.u32(),
    lastVersion: reader.f64(),
    commit: reader.f64(),
    terms: readList(reader, () => ({ version: reader.f64(), term: reader.u32() })),
    configs: readList(reader, () => ({ version: reader.f64(), config: decodeConfig(reader) })),
  };
}

/** As many as the count before them says, but never more than there are bytes for. */
function readList<T>(reader: ByteReader, read: () => T): T[] {
  const list: T[] = [];
  for (let left = reader.varint(); left > 0 && reader.error === undefined; left--)
    list.push(read());
  return list;
}
