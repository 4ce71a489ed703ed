/** `like`: `%` any run, `_` one byte or one UTF-8 character, ASCII letters without regard to case; no escape. */
const PERCENT = 37;
const UNDERSCORE = 95;

/** Whether `bytes[from, to)` matches the pattern. `characters`: `_` stands for a whole UTF-8 character. */
export function matchesLike(
  pattern: Uint8Array,
  text: { readonly bytes: Uint8Array; readonly from: number; readonly to: number },
  characters: boolean,
): boolean {
  const { bytes, to } = text;
  let at = text.from;
  let p = 0;
  // Where to go on when the text after the last '%' turns out not to match.
  let retryPattern = -1;
  let retryAt = 0;
  while (at < to) {
    const wanted = p < pattern.length ? pattern[p]! : -1;
    if (wanted === PERCENT) {
      retryPattern = ++p;
      retryAt = at;
    } else if (wanted === UNDERSCORE) {
      p++;
      at += characters ? characterBytes(bytes[at]!) : 1;
    } else if (wanted >= 0 && lower(wanted) === lower(bytes[at]!)) {
      p++;
      at++;
    } else if (retryPattern >= 0) {
      p = retryPattern;
      retryAt += characters ? characterBytes(bytes[retryAt]!) : 1;
      at = retryAt;
    } else {
      return false;
    }
  }
  while (p < pattern.length && pattern[p] === PERCENT) p++;
  return p === pattern.length && at === to;
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

/** Length of a UTF-8 character by its first byte. */
function characterBytes(first: number): number {
  if (first < 0xc0) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}
