/** What a row of the parameter table holds, and short ways to write one. */

/** Whole numbers by the width that 2.1.2 keeps them in, and floats. */
export type NumberType = 'int8' | 'int16' | 'uint16' | 'int32' | 'float';

/** A numeric parameter: `min` and `max` belong to the range. */
export interface NumberParameter {
  readonly kind: 'number';
  readonly type: NumberType;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly flags: string;
  readonly meaning: string;
}

/** A text parameter, 1 to `maxLength` bytes long where it is set. */
export interface TextParameter {
  readonly kind: 'text';
  readonly type: 'string' | 'folder';
  readonly default: string;
  readonly maxLength: number;
  readonly unit: string;
  readonly flags: string;
  readonly meaning: string;
}

/** One row of the table. */
export type Parameter = NumberParameter | TextParameter;

type NumberRow = (
  standard: number,
  min: number,
  max: number,
  flags: string,
  meaning: string,
  unit?: string,
) => NumberParameter;

function numberRow(type: NumberType): NumberRow {
  return (standard, min, max, flags, meaning, unit = '') => ({
    kind: 'number',
    type,
    default: standard,
    min,
    max,
    unit,
    flags,
    meaning,
  });
}

/** A row of this type: default, min, max, flags, meaning, unit. */
export const int8 = numberRow('int8');
/** As `int8`. */
export const int16 = numberRow('int16');
/** As `int8`. */
export const uint16 = numberRow('uint16');
/** As `int8`. */
export const int32 = numberRow('int32');
/** As `int8`. */
export const float = numberRow('float');

/** A row of text: default, longest value, flags, meaning. */
export function text(
  standard: string,
  maxLength: number,
  flags: string,
  meaning: string,
  type: 'string' | 'folder' = 'string',
): TextParameter {
  return { kind: 'text', type, default: standard, maxLength, unit: '', flags, meaning };
}
