/**
 * The `Taosd` token: base64 of single DES (ECB, no padding) over 24 bytes of user name and 24 bytes of password,
 * both filled with zeros. The key is public, so the token is a password in a wrapping that everybody can open.
 * Node has no single DES; triple DES with three equal keys is the same.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

const FIELD_BYTES = 24;
const desKey = Buffer.from([64, 182, 122, 48, 86, 115, 253, 68]);
const tripleKey = Buffer.concat([desKey, desKey, desKey]);

/** The token of a user, as `/rest/login` answers it. */
export function encodeToken(user: string, password: string): string {
  const plain = Buffer.alloc(2 * FIELD_BYTES);
  plain.write(user, 0, FIELD_BYTES - 1);
  plain.write(password, FIELD_BYTES, FIELD_BYTES - 1);
  const cipher = createCipheriv('des-ede3', tripleKey, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
}

/** User and password of a token; undefined when it cannot be one. */
export function decodeToken(token: string): { user: string; password: string } | undefined {
  const sealed = Buffer.from(token, 'base64');
  if (sealed.length !== 2 * FIELD_BYTES) return undefined;
  const decipher = createDecipheriv('des-ede3', tripleKey, null).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(sealed), decipher.final()]);
  const user = zeroEnded(plain.subarray(0, FIELD_BYTES));
  const password = zeroEnded(plain.subarray(FIELD_BYTES));
  return user === '' || password === '' ? undefined : { user, password };
}

/** The text up to the first zero byte, as C reads it. */
function zeroEnded(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}
