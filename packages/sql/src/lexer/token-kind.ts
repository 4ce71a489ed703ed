/**
 * Token kinds as small integers; kinds from `FIRST_KEYWORD` on are keywords (`keyword.ts`).
 *
 * `ILLEGAL` stands for everything the dialect refuses outright: an unclosed quote, `#`, `?`, a backquote, a
 * character outside ASCII, hexadecimal and binary numbers.
 */
export const TokenKind = {
  END: 0,
  ILLEGAL: 1,
  ID: 2,
  STRING: 3,
  INTEGER: 4,
  FLOAT: 5,
  DURATION: 6,
  BOOL: 7,
  LEFT_PAREN: 8,
  RIGHT_PAREN: 9,
  COMMA: 10,
  DOT: 11,
  SEMICOLON: 12,
  COLON: 13,
  STAR: 14,
  SLASH: 15,
  PERCENT: 16,
  PLUS: 17,
  MINUS: 18,
  EQUAL: 19,
  NOT_EQUAL: 20,
  LESS: 21,
  LESS_EQUAL: 22,
  GREATER: 23,
  GREATER_EQUAL: 24,
} as const;

/** The first number of the keywords; everything below it is in `TokenKind`. */
export const FIRST_KEYWORD = 64;
