/**
 * What stands between quotes. TDengine has two ways to read it, and both are needed:
 * names, aliases and the strings of expressions keep backslashes and end at the first quote that is not
 * doubled (`'it\'s'` is `it\`); tag values and passwords undo backslash escapes too (`it's`).
 */

/** A quoted token's content with doubled quotes undone, backslashes kept. */
export function dequote(token: string): string {
  const quote = token[0]!;
  const content = token.slice(1, -1);
  if (!content.includes(quote)) return content;
  let result = '';
  for (let at = 0; at < content.length; at++) {
    if (content[at] === quote) {
      if (content[at + 1] !== quote) return result;
      at++;
    }
    result += content[at]!;
  }
  return result;
}

/** A quoted token's content with doubled quotes and backslash escapes undone: `\x` is `x`. */
export function unescape(token: string): string {
  const quote = token[0]!;
  const content = token.slice(1, -1);
  if (!content.includes('\\')) return content.includes(quote) ? dequote(token) : content;
  let result = '';
  for (let at = 0; at < content.length; at++) {
    if (content[at] === '\\' || content[at] === quote) at++;
    result += content[at] ?? '';
  }
  return result;
}

/** `text` as a token that `unescape` reads back. */
export function quoteEscaped(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** `text` as a token that `dequote` reads back: between the quotes that no backslash in it hides. */
export function quote(text: string): string {
  const mark = hasEscaped(text, "'") ? '"' : "'";
  const tail = hasEscaped(text, '') ? mark : '';
  return mark + text.replaceAll(mark, mark + mark) + tail + mark;
}

/** Whether a backslash takes `next` with it; with `next` empty, whether one stands alone at the end. */
function hasEscaped(text: string, next: string): boolean {
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at + 2)) {
    if ((text[at + 1] ?? '') === next) return true;
  }
  return false;
}

/** Lower-case outside quotes: how an expression's text heads its column. */
export function lowerOutsideQuotes(text: string): string {
  if (!text.includes("'") && !text.includes('"')) return text.toLowerCase();
  return text.replaceAll(/'(?:\\[^]|[^'\\])*'|"(?:\\[^]|[^"\\])*"|[^'"]+/g, (part) =>
    part.startsWith("'") || part.startsWith('"') ? part : part.toLowerCase(),
  );
}
