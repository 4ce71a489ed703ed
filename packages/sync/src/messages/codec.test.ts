/** Every message: there and back, cut at every byte, and its bytes held against the protocol's version. */
import { createHash } from 'node:crypto';
import { ByteReader, ByteWriter } from '@tdnode/common';
import { expect, test } from 'vitest';
import { FRAME_HEADER_BYTES, MESSAGE_KINDS, decodeMessage, encodeMessage } from './codec.ts';
import type { Message } from './message.ts';
import { PROTOCOL_VERSION } from './version.ts';

const envelope = { from: 3, to: 0xfffffffe, term: 0xffffffff };
const BIG = 2 ** 53 - 1;
const inSync = { members: [1, 0xfffffffe], epoch: BIG, era: -1 };

const MESSAGES: readonly Message[] = [
  {
    ...envelope,
    kind: 'append',
    prevVersion: 41,
    prevTerm: 7,
    lastVersion: BIG,
    commit: 40,
    terms: [
      { version: 42, term: 7 },
      { version: 43, term: 8 },
    ],
    configs: [{ version: 43, config: { voters: [1, 2], learners: [3], arbitrator: true } }],
  },
  { ...envelope, kind: 'appendAck', version: BIG, isRefused: true, hintVersion: 4, hintTerm: 2 },
  { ...envelope, kind: 'heartbeat', commit: BIG, sentVersion: 5 },
  {
    ...envelope,
    kind: 'heartbeatAck',
    lastVersion: 9,
    persistedVersion: 8,
    sentVersion: 7,
    inSync,
  },
  {
    ...envelope,
    kind: 'vote',
    lastVersion: 3,
    lastTerm: 2,
    era: -1,
    isPreVote: true,
    isTransfer: false,
  },
  { ...envelope, kind: 'voteAck', isPreVote: false, isGranted: true, inSync },
  { ...envelope, kind: 'timeoutNow' },
  { ...envelope, kind: 'inSync', inSync },
  { ...envelope, kind: 'inSyncAck', inSync },
];

function bytesOf(message: Message): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  encodeMessage(writer, 17, message);
  return writer.copy();
}

test('the examples are all kinds', () => {
  expect(MESSAGES.map(({ kind }) => kind).sort()).toEqual(Object.keys(MESSAGE_KINDS).sort());
});

test.each(MESSAGES)(
  '$kind: what is written is read, and nothing of it may be missing',
  (message) => {
    const bytes = bytesOf(message);
    const reader = new ByteReader(bytes);
    expect(decodeMessage(reader)).toEqual({ vgId: 17, message });
    expect(reader.remaining).toBe(0);
    for (let length = 0; length < bytes.length; length++)
      expect(decodeMessage(new ByteReader(bytes.subarray(0, length)))).toBeUndefined();
  },
);

test.each([0, 10, 63, 64, 255])('kind %i is none of these', (kind) => {
  const bytes = bytesOf({ ...envelope, kind: 'timeoutNow' });
  bytes[4] = kind;
  expect(bytes).toHaveLength(FRAME_HEADER_BYTES);
  expect(decodeMessage(new ByteReader(bytes))).toBeUndefined();
});

test('a count that lies takes no memory', () => {
  const bytes = bytesOf({
    ...(MESSAGES[0] as Message & { kind: 'append' }),
    terms: [],
    configs: [],
  });
  bytes.set([0xff, 0x7f], bytes.length - 2);
  expect(decodeMessage(new ByteReader(bytes))).toBeUndefined();
});

/** One line a version: when this fails, add a version to `version.ts` and its line here. */
const HASHES: Readonly<Record<number, string>> = {
  1: '754e6e1554c3cf2d',
};

test('the bytes change only with the version', () => {
  const hash = createHash('sha256');
  for (const message of MESSAGES) hash.update(bytesOf(message));
  expect(hash.digest('hex').slice(0, 16)).toBe(HASHES[PROTOCOL_VERSION]);
});
