/** From a value to the bytes of its shape and back; what comes back was checked whole. */
import { ByteReader, ByteWriter } from '@tdnode/common';
import { malformed, type Shape } from './shape.ts';

/** The value's bytes, in a buffer of their own. */
export function encode<T>(shape: Shape<T>, value: T): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(256);
  shape.write(writer, value);
  // The writer was made here, so its memory may leave with the message.
  return writer.view() as Uint8Array<ArrayBuffer>;
}

/** The value that `bytes` hold, no more and no less; throws TaosError 14 where they do not. Blobs are views. */
export function decode<T>(shape: Shape<T>, bytes: Uint8Array): T {
  const reader = new ByteReader(bytes);
  const value = shape.read(reader);
  if (reader.error !== undefined) throw malformed(reader.error);
  if (reader.remaining > 0) throw malformed(`${reader.remaining} bytes too many`);
  return value;
}
