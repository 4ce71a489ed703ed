/**
 * The Authorization header: `Basic` or `Taosd`, with the codes that 2.1.2 has for each way to get it wrong.
 * Whether user and password are right is the service's business.
 */
import { ErrorCode, TaosError } from '@tdnode/common';
import { decodeToken } from './taosd-token.ts';

/** Who the client says it is. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Bytes of the longest user name and password that 2.1.2 takes. */
const MAX_USER_BYTES = 23;
const MAX_PASSWORD_BYTES = 23;
/** Headers remembered: enough for the users of a dnode, few enough to be forgotten at once when exceeded. */
const MAX_REMEMBERED = 1000;
/** Both schemes have five letters; a header of another shape is of no known format. */
const SCHEME_LETTERS = 5;

/** Reads headers and remembers those that parsed, by their exact text. */
export class CredentialReader {
  readonly #remembered = new Map<string, Credentials>();

  /** Throws TaosError 4357 (none) or 4386 to 4389 (unusable). */
  read(header: string | undefined): Credentials {
    if (header === undefined) throw new TaosError(ErrorCode.HTTP_NO_AUTH_INFO);
    const known = this.#remembered.get(header);
    if (known !== undefined) return known;
    const credentials = parseAuthorization(header);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(header, credentials);
    return credentials;
  }
}

function parseAuthorization(header: string): Credentials {
  if (header[SCHEME_LETTERS] !== ' ') throw new TaosError(ErrorCode.HTTP_INVALID_AUTH_FORMAT);
  const scheme = header.slice(0, SCHEME_LETTERS);
  const content = header.slice(SCHEME_LETTERS + 1).trim();
  if (scheme === 'Basic') return parseBasic(content);
  if (scheme !== 'Taosd') throw new TaosError(ErrorCode.HTTP_INVALID_AUTH_TYPE);
  const credentials = decodeToken(content);
  if (credentials === undefined) throw new TaosError(ErrorCode.HTTP_INVALID_TAOSD_AUTH);
  return credentials;
}

function parseBasic(content: string): Credentials {
  const text = Buffer.from(content, 'base64').toString();
  const colon = text.indexOf(':');
  const user = text.slice(0, Math.max(colon, 0));
  const password = text.slice(colon + 1);
  const isUsable =
    user !== '' &&
    password !== '' &&
    Buffer.byteLength(user) <= MAX_USER_BYTES &&
    Buffer.byteLength(password) <= MAX_PASSWORD_BYTES;
  if (!isUsable) throw new TaosError(ErrorCode.HTTP_INVALID_BASIC_AUTH);
  return { user, password };
}
