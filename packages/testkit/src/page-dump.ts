/**
 * Hex dumps of the documentation as bytes, so that a test holds a page against the code.
 *
 * A dump is a block fenced as `hexdump`: lines of hex digits in groups, with an offset and two blanks before them
 * or not, and with three blanks or `|` and words behind them or not.
 */
import { readFileSync } from 'node:fs';

const docs = new URL('../../../docs/', import.meta.url);

/** The bytes of the first dump of a page (`format/wal.md`), or of the one numbered `index` from 0. */
export function pageDump(page: string, index = 0): Uint8Array<ArrayBuffer> {
  const text = readFileSync(new URL(page, docs), 'utf8');
  const dump = [...text.matchAll(/^```hexdump\n([^`]*)^```/gmu)][index]?.[1];
  if (dump === undefined) throw new Error(`${page} has no hex dump ${index}`);
  return parseDump(dump);
}

/** The bytes of the lines of one dump; throws when something stands among the digits. */
export function parseDump(dump: string): Uint8Array<ArrayBuffer> {
  const digits = dump
    .split('\n')
    .map((line) => line.replace(/^[0-9a-f]{4,8} {2}(?=[0-9a-f]{2} )/u, ''))
    .map((line) => line.replace(/( {3,}|\s*\|).*$/u, '').replaceAll(' ', ''))
    .join('');
  if (!/^([0-9a-f]{2})*$/u.test(digits)) throw new Error(`not hex: ${digits}`);
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}
