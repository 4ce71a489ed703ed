/** Headers with every code of refusal, and the documented token. */
import { expect, test } from 'vitest';
import { CredentialReader } from './credentials.ts';
import { decodeToken, encodeToken } from './taosd-token.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const rootToken = '/KfeAzX/f9na8qdtNZmtONryp201ma04bEl8LcvLUd7a8qdtNZmtONryp201ma04';

test.each([
  [basic('root:taosdata'), { user: 'root', password: 'taosdata' }],
  [basic('u:a:b'), { user: 'u', password: 'a:b' }],
  [`Taosd ${rootToken}`, { user: 'root', password: 'taosdata' }],
])('%s', (header, credentials) => {
  const reader = new CredentialReader();
  expect(reader.read(header)).toEqual(credentials);
  expect(reader.read(header)).toBe(reader.read(header));
});

test.each([
  [undefined, 4357],
  ['Basic', 4387],
  ['Bearer abc', 4387],
  ['Token a:b', 4386],
  ['basic cm9vdDp0YW9zZGF0YQ==', 4386],
  ['Basic !!!', 4388],
  [basic('root'), 4388],
  [basic('root:'), 4388],
  [basic(':x'), 4388],
  [basic(`${'u'.repeat(24)}:x`), 4388],
  ['Taosd abc', 4389],
  [`Taosd ${encodeToken('', 'x')}`, 4389],
])('%s is %d', (header, code) => {
  expect(() => new CredentialReader().read(header)).toThrow(expect.objectContaining({ code }));
});

test('the memory of headers is bounded', () => {
  const reader = new CredentialReader();
  for (let i = 0; i < 3000; i++) reader.read(basic(`u${i}:p`));
  expect(reader.read(basic('u1:p'))).toEqual({ user: 'u1', password: 'p' });
});

test('tokens', () => {
  expect(encodeToken('root', 'taosdata')).toBe(rootToken);
  expect(decodeToken(encodeToken('user_of_23_characters__', 'p'))?.user).toHaveLength(23);
  expect(decodeToken('')).toBeUndefined();
});
