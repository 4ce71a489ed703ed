/** A config as the payload of its log entry: docs/protocol/sync.md. */
import type { ByteReader, ByteWriter } from '@tdnode/common';
import type { Config } from './types.ts';

/** Byte layout: count u8 and ids u32 of voters, the same of learners, arbitrator u8. */
export function encodeConfig(writer: ByteWriter, config: Config): void {
  for (const ids of [config.voters, config.learners]) {
    writer.u8(ids.length);
    for (const id of ids) writer.u32(id);
  }
  writer.u8(config.arbitrator ? 1 : 0);
}

/** The config written by `encodeConfig`; look at `reader.error` afterwards. */
export function decodeConfig(reader: ByteReader): Config {
  const voters = readIds(reader);
  const learners = readIds(reader);
  return { voters, learners, arbitrator: reader.u8() === 1 };
}

function readIds(reader: ByteReader): number[] {
  return Array.from({ length: reader.u8() }, () => reader.u32());
}
