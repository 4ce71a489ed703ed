/** URLs: what counts, what is ignored, what is unknown. */
import { expect, test } from 'vitest';
import { parseTarget } from './target.ts';

test.each([
  ['/rest/sql', { kind: 'sql', form: 'local', db: undefined }],
  ['/rest/sql/', { kind: 'sql', form: 'local', db: undefined }],
  ['/restful/sqlt/d?x=/y', { kind: 'sql', form: 'epoch', db: 'd' }],
  ['/rest/sqlutc/%64/more', { kind: 'sql', form: 'utc', db: 'd' }],
  ['/rest/login/u/p%40', { kind: 'login', user: 'u', password: 'p@' }],
  ['/rest/login', { kind: 'login', user: undefined, password: undefined }],
  ['/', { kind: 'unknown', code: 4353 }],
  ['*', { kind: 'unknown', code: 4353 }],
  ['/REST/sql', { kind: 'unknown', code: 4353 }],
  ['/rest', { kind: 'unknown', code: 4354 }],
  ['/rest/toString', { kind: 'unknown', code: 4354 }],
  ['/rest/sqlx', { kind: 'unknown', code: 4354 }],
  ['/rest/sql/%', { kind: 'unknown', code: 4354 }],
])('%s', (url, target) => expect(parseTarget(url)).toEqual(target));
