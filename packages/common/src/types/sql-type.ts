/**
 * SQL types, their numbers (as `column_meta` prints them), widths, and the values that mean NULL in
 * storage (architecture, decision 2): the minimum of signed integers and TIMESTAMP, the maximum of
 * unsigned ones, 2 for BOOL, NaN for FLOAT and DOUBLE. BINARY and NCHAR carry a null bitmap instead.
 */
export const SqlType = {
  BOOL: 1,
  TINYINT: 2,
  SMALLINT: 3,
  INT: 4,
  BIGINT: 5,
  FLOAT: 6,
  DOUBLE: 7,
  BINARY: 8,
  TIMESTAMP: 9,
  NCHAR: 10,
  UTINYINT: 11,
  USMALLINT: 12,
  UINT: 13,
  UBIGINT: 14,
} as const;
/** The number of a type. */
export type SqlType = (typeof SqlType)[keyof typeof SqlType];

/** Names as `describe` prints them. */
const names: { readonly [T in SqlType]: string } = {
  1: 'BOOL',
  2: 'TINYINT',
  3: 'SMALLINT',
  4: 'INT',
  5: 'BIGINT',
  6: 'FLOAT',
  7: 'DOUBLE',
  8: 'BINARY',
  9: 'TIMESTAMP',
  10: 'NCHAR',
  11: 'TINYINT UNSIGNED',
  12: 'SMALLINT UNSIGNED',
  13: 'INT UNSIGNED',
  14: 'BIGINT UNSIGNED',
};

/** Bytes of one value of a fixed-width type; 0 for BINARY and NCHAR. */
const widths: { readonly [T in SqlType]: 0 | 1 | 2 | 4 | 8 } = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 4,
  7: 8,
  8: 0,
  9: 8,
  10: 0,
  11: 1,
  12: 2,
  13: 4,
  14: 8,
};

/** The name of a type as `describe` prints it. */
export function typeName(type: SqlType): string {
  return names[type];
}

/** Bytes of a value in files and memory; 0 where lengths vary. */
export function typeWidth(type: SqlType): 0 | 1 | 2 | 4 | 8 {
  return widths[type];
}

/** Whether values are strings. */
export function isStringType(type: SqlType): boolean {
  return type === SqlType.BINARY || type === SqlType.NCHAR;
}

/** Whether values are floating point numbers. */
export function isFloatType(type: SqlType): boolean {
  return type === SqlType.FLOAT || type === SqlType.DOUBLE;
}

/** Whether values are unsigned integers. */
export function isUnsignedType(type: SqlType): boolean {
  return type >= SqlType.UTINYINT;
}

/** The 64-bit integer types: those whose values may leave ±2⁵³. */
export function isWideType(type: SqlType): boolean {
  return type === SqlType.BIGINT || type === SqlType.UBIGINT || type === SqlType.TIMESTAMP;
}

/** NULL of the integer types of up to 32 bits and BOOL, in storage. */
export const NULL_BOOL = 2;
/** NULL of TINYINT. */
export const NULL_TINYINT = -128;
/** NULL of SMALLINT. */
export const NULL_SMALLINT = -32768;
/** NULL of INT. */
export const NULL_INT = -2147483648;
/** NULL of TINYINT UNSIGNED. */
export const NULL_UTINYINT = 255;
/** NULL of SMALLINT UNSIGNED. */
export const NULL_USMALLINT = 65535;
/** NULL of INT UNSIGNED. */
export const NULL_UINT = 4294967295;
/** NULL of BIGINT and TIMESTAMP. */
export const NULL_BIGINT = -(2n ** 63n);
/** NULL of BIGINT UNSIGNED. */
export const NULL_UBIGINT = 2n ** 64n - 1n;
