/**
 * How many columns of a terminal a text takes. A user sees graphemes: a base with its marks is one, a flag or a family
 * of emoji is one. Wide and full-width characters (East Asian Width W and F) and emoji take two columns, marks and
 * control characters none. What a terminal should not get (control characters, escape sequences) is taken out.
 */
import { eastAsianWidth } from 'get-east-asian-width';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const PLAIN = /^[\x20-\x7e]*$/u;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x1f\x7f-\x9f]/gu;
const INVISIBLE = /^(?:\p{Mark}|\p{Default_Ignorable_Code_Point}|\p{Format})+$/u;
const EMOJI_PAIR = /\u{fe0f}|\p{Regional_Indicator}{2}/u;

/** What is cut off is shown by these. */
const DOTS = '...';

/** Columns that `text` takes, control characters aside. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(withoutControls(text)))
    width += graphemeWidth(segment);
  return width;
}

/**
 * Exactly `width` columns: `text` and blanks, or as much of it as leaves room for `...`. Width 0: all of it, as it is.
 */
export function fitted(text: string, width: number): string {
  if (PLAIN.test(text)) return fittedPlain(text, width);
  const clean = withoutControls(text);
  if (width === 0) return clean;
  let columns = 0;
  let kept = '';
  let keptColumns = 0;
  for (const { segment } of graphemes.segment(clean)) {
    columns += graphemeWidth(segment);
    if (columns > width)
      return padded(kept + DOTS.slice(0, width - keptColumns), keptColumns + 3, width);
    if (columns <= width - DOTS.length) {
      kept += segment;
      keptColumns = columns;
    }
  }
  return padded(clean, columns, width);
}

function fittedPlain(text: string, width: number): string {
  if (width === 0 || text.length === width) return text;
  if (text.length < width) return text.padEnd(width);
  const kept = Math.max(0, width - DOTS.length);
  return text.slice(0, kept) + DOTS.slice(0, width - kept);
}

function padded(text: string, columns: number, width: number): string {
  return columns < width ? text + ' '.repeat(width - columns) : text;
}

function withoutControls(text: string): string {
  return text.replaceAll(CONTROL, '');
}

/** Columns of one grapheme: those of its base, and two for what is drawn as an emoji. */
function graphemeWidth(grapheme: string): number {
  const first = grapheme.codePointAt(0)!;
  if (first >= 0x20 && first < 0x300 && grapheme.length === 1) return first === 0xad ? 0 : 1;
  if (INVISIBLE.test(grapheme)) return 0;
  if (EMOJI_PAIR.test(grapheme)) return 2;
  return eastAsianWidth(first);
}
