/**
 * Unpackers of one bit width each, made as source text when a width is first met.
 *
 * With the width a constant every shift and mask is one too, each word is loaded once and nothing branches: 0.4 to 0.8 ns
 * a value against 1.0 to 1.3 of the loop that takes the width as a number (codec.bench.mjs). The text is made of
 * nothing but numbers from 1 to 32.
 */

/** Unpacks 128 values that begin at `words[at]` to `out[to]`. */
type Unpacker = (words: Int32Array, at: number, out: Int32Array, to: number) => void;

const unpackers: (Unpacker | undefined)[] = Array.from({ length: 33 });

/** The unpacker of a width of 1 to 32. */
export function unpackerOf(width: number): Unpacker {
  return (unpackers[width] ??= makeUnpacker(width));
}

/** 32 values take `width` words: four such rounds make 128. */
function makeUnpacker(width: number): Unpacker {
  const lines = [`for (const end = at + ${4 * width}; at < end; at += ${width}, to += 32) {`];
  lines.push(wordsText(width));
  for (let i = 0; i < 32; i++) lines.push(`out[to + ${i}] = ${valueText(i * width, width)};`);
  lines.push('}');
  return compiled(['words', 'at', 'out', 'to'], lines) as Unpacker;
}

/** A function out of its parameters and the lines of its body, which are made of numbers and fixed names only. */
export function compiled(names: readonly string[], lines: readonly string[]): unknown {
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function(...names, lines.join('\n'));
}

/** Declares w0, w1, …: the words of a round. */
export function wordsText(width: number): string {
  let text = '';
  for (let k = 0; k < width; k++) text += `const w${k} = words[at + ${k}];\n`;
  return text;
}

/** The expression of the value whose lowest bit is bit `bit` of the round. */
export function valueText(bit: number, width: number): string {
  const word = bit >> 5;
  const shift = bit & 31;
  const mask = width === 32 ? '' : ` & ${2 ** width - 1}`;
  if (shift + width > 32) {
    return `((w${word} >>> ${shift}) | (w${word + 1} << ${32 - shift}))${mask}`;
  }
  return `(w${word} >>> ${shift})${mask}`;
}
