/** Classes of ASCII characters, one byte a character; whatever lies outside ASCII belongs to none. */

const SPACE = 1;
const DIGIT = 2;
const WORD = 4;
const classes = new Uint8Array(128);

for (const character of ' \t\n\r\f\v') classes[character.charCodeAt(0)] = SPACE;
for (const character of '0123456789') classes[character.charCodeAt(0)] = DIGIT | WORD;
for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_') {
  classes[character.charCodeAt(0)] = WORD;
}

/** Blank, tab, line feed, carriage return, form feed, vertical tab. NaN, beyond the end, is none. */
export function isSpace(code: number): boolean {
  return code < 128 && classes[code] === SPACE;
}

/** `0` to `9`. */
export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Letters, digits and `_`: what an identifier goes on with. */
export function isWordCharacter(code: number): boolean {
  return code < 128 && (classes[code]! & WORD) !== 0;
}
