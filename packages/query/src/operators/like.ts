/**
 * `like`: `%` any run, `_` one byte or one UTF-8 character, ASCII letters without regard to case; no escape.
 *
 * As in TDengine 2.1 what follows a `%` is looked for from where the part before it began, not from where
 * that part ended: `'abc' like 'abc%abc'` is true.
 */
const PERCENT = 37;
const UNDERSCORE = 95;

/** Text to be matched: `bytes[from, to)`. */
export interface LikeText {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** Whether the text matches the pattern. `characters`: `_` stands for a whole UTF-8 character. */
export function matchesLike(pattern: Uint8Array, text: LikeText, characters: boolean): boolean {
  return matchFrom({ pattern, text, characters }, 0, text.from) === MATCH;
}

const MATCH = 0;
/** No match here; a later start might do. */
const NO_MATCH = 1;
/** No match, and no later start can help: the part after the last `%` occurs nowhere. */
const HOPELESS = 2;
type Outcome = typeof MATCH | typeof NO_MATCH | typeof HOPELESS;

interface Matching {
  readonly pattern: Uint8Array;
  readonly text: LikeText;
  readonly characters: boolean;
}

/** Matches `pattern[p…]` with the text from `start`. */
function matchFrom(matching: Matching, p: number, start: number): Outcome {
  const { pattern, text, characters } = matching;
  const { bytes, to } = text;
  let at = start;
  for (; p < pattern.length; p++) {
    const wanted = pattern[p]!;
    if (wanted === PERCENT) return matchRest(matching, p + 1, start, at);
    if (at >= to) return NO_MATCH;
    if (wanted === UNDERSCORE)
      at = Math.min(to, at + (characters ? characterBytes(bytes[at]!) : 1));
    else if (lower(wanted) === lower(bytes[at]!)) at++;
    else return NO_MATCH;
  }
  return at === to ? MATCH : NO_MATCH;
}

/** Matches what follows a `%`: `start` is where the part before it began, `at` where it ended. */
function matchRest(matching: Matching, p: number, start: number, at: number): Outcome {
  const { pattern, text, characters } = matching;
  const { bytes, to } = text;
  let end = at;
  let from = start;
  for (; p < pattern.length && (pattern[p] === PERCENT || pattern[p] === UNDERSCORE); p++) {
    if (pattern[p] === PERCENT) continue;
    if (end >= to) return HOPELESS;
    end = Math.min(to, end + (characters ? characterBytes(bytes[end]!) : 1));
    from = end;
  }
  if (p === pattern.length) return MATCH;
  const wanted = lower(pattern[p]!);
  for (let i = from; i < to; i++) {
    if (lower(bytes[i]!) !== wanted) continue;
    const outcome = matchFrom(matching, p + 1, i + 1);
    if (outcome !== NO_MATCH) return outcome;
  }
  return HOPELESS;
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

/** Length of a UTF-8 character by its first byte. */
function characterBytes(first: number): number {
  if (first < 0xc0) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}
