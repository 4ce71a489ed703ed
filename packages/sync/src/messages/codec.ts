/**
 * Messages as bytes: docs/protocol/sync.md. One frame: vgId u32, kind u8, reserved u8[3], from u32, to u32,
 * term f64, then the fields of the kind; what follows the message (an append's records) is the driver's.
 */
import { ByteReader, ByteWriter, assert } from '@tdnode/common';
import type { Message } from './message.ts';

/** Writes the frame of `message`; the writer stands behind it afterwards. */
export function encodeMessage(_writer: ByteWriter, _vgId: number, _message: Message): void {
  assert(false, 'not built yet');
}

/** Reads one frame; undefined when it is none (reader.error or an unknown kind). Never throws. */
export function decodeMessage(
  _reader: ByteReader,
): { readonly vgId: number; readonly message: Message } | undefined {
  return undefined;
}
