/** A message must not change without a new version: dnodes of two builds would misread each other. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { describeProtocol } from './all-calls.ts';
import { PROTOCOL_VERSION } from './protocol-version.ts';

/** Version to fingerprint of all messages. A change of a message adds a line, and one in protocol-version.ts. */
const FINGERPRINTS: Readonly<Record<number, string>> = {
  1: '82cd44d03e8b2cbc',
};

test('the messages are those of this version', () => {
  const fingerprint = createHash('sha256').update(describeProtocol().join('\n')).digest('hex');
  expect(fingerprint.slice(0, 16)).toBe(FINGERPRINTS[PROTOCOL_VERSION]);
});

test('every call has a name of its own, and the page names it', async () => {
  const { readFile } = await import('node:fs/promises');
  const page = await readFile(new URL('../../../../docs/protocol/rpc.md', import.meta.url), 'utf8');
  const names = describeProtocol().map((line) => line.split(' ')[0]!);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names.filter((n) => n.includes('.'))) expect(page).toContain(`\`${name}\``);
});
