/**
 * What a URL asks for. Case counts, a trailing slash and further segments do not, the query string is ignored;
 * `/restful` is `/rest`. An unknown first word is 4353, an unknown second one 4354.
 */
import { ErrorCode } from '@tdnode/common';
import type { TimeForm } from './json/row-encoder.ts';

/** A statement to run, a login, or the code of an error. */
export type Target =
  | { readonly kind: 'sql'; readonly form: TimeForm; readonly db: string | undefined }
  | {
      readonly kind: 'login';
      readonly user: string | undefined;
      readonly password: string | undefined;
    }
  | { readonly kind: 'unknown'; readonly code: number };

const forms: Readonly<Record<string, TimeForm>> = { sql: 'local', sqlt: 'epoch', sqlutc: 'utc' };
const plainSql: Target = { kind: 'sql', form: 'local', db: undefined };
const invalidUrl: Target = { kind: 'unknown', code: ErrorCode.HTTP_INVALID_URL };

/** Whether a URL is answered without the framework: the statements' own. */
export function isSqlUrl(url: string): boolean {
  return url.startsWith('/rest/sql');
}

/** Parses a request's URL. */
export function parseTarget(url: string): Target {
  if (url === '/rest/sql') return plainSql;
  const query = url.indexOf('?');
  const [, module, action, first, second] = (query < 0 ? url : url.slice(0, query)).split('/');
  if (module !== 'rest' && module !== 'restful') {
    return { kind: 'unknown', code: ErrorCode.HTTP_UNSUPPORT_URL };
  }
  try {
    if (action === 'login') {
      return { kind: 'login', user: decoded(first), password: decoded(second) };
    }
    const form = Object.hasOwn(forms, action ?? '') ? forms[action!] : undefined;
    return form === undefined ? invalidUrl : { kind: 'sql', form, db: decoded(first) };
  } catch {
    return invalidUrl; // URIError: a broken percent code
  }
}

function decoded(segment: string | undefined): string | undefined {
  return segment === undefined || segment === '' ? undefined : decodeURIComponent(segment);
}
