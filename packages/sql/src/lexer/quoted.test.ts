import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dequote, lowerOutsideQuotes, quote, quoteEscaped, unescape } from './quoted.ts';

test('names and expressions keep backslashes and end at a quote that is not doubled', () => {
  expect(dequote(`'a''b'`)).toBe(`a'b`);
  expect(dequote(`"we""ird"`)).toBe('we"ird');
  expect(dequote(`"quo\\"te"`)).toBe('quo\\');
  expect(dequote(`'dev\\_1'`)).toBe('dev\\_1');
  expect(dequote(`'a"b'`)).toBe('a"b');
});

test('tag values and passwords undo both', () => {
  expect(unescape(`'it\\'s'`)).toBe(`it's`);
  expect(unescape(`'it''s'`)).toBe(`it's`);
  expect(unescape(`'a\\\\b'`)).toBe('a\\b');
  expect(unescape(`"tab\\tx"`)).toBe('tabtx');
});

test('quoting is undone by its reader', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'B', ' ', "'", '"', '\\', 'é') });
  fc.assert(
    fc.property(texts, (text) => {
      expect(unescape(quoteEscaped(text))).toBe(text);
      const token = `"${text.replaceAll('\\', '').replaceAll('"', '""')}"`;
      expect(dequote(quote(dequote(token)))).toBe(dequote(token));
    }),
    { seed: 1 },
  );
});

test('heads are lower-case outside quotes', () => {
  expect(lowerOutsideQuotes('SUM(I) + MAX(F)')).toBe('sum(i) + max(f)');
  expect(lowerOutsideQuotes(`I + 'A' + "B"`)).toBe(`i + 'A' + "B"`);
  expect(lowerOutsideQuotes(`'it\\'s A' + A`)).toBe(`'it\\'s A' + a`);
});
