/** What a broken request means: which code, and whether the other side may have done what was asked. */
import { ErrorCode } from '@tdnode/common';
import { NetworkError } from '../messages/failure.ts';

/** Failures before a byte left. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
]);

/** The error for a request to `endPoint` that got no answer. */
export function networkFailure(endPoint: string, cause: unknown): NetworkError {
  if (cause instanceof NetworkError) return cause;
  const code = codeOf(cause);
  return new NetworkError(
    isNameError(code) ? ErrorCode.RPC_FQDN_ERROR : ErrorCode.RPC_NETWORK_UNAVAIL,
    !NEVER_SENT.has(code),
    sentenceOf(endPoint, code || String(cause)),
    cause,
  );
}

function isNameError(code: string): boolean {
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN';
}

/** What happened, and what to look at. */
function sentenceOf(endPoint: string, code: string): string {
  if (isNameError(code))
    return `the name in ${endPoint} cannot be resolved (${code}): check DNS or the hosts file`;
  if (code === 'ECONNREFUSED')
    return `${endPoint} does not answer (${code}): nothing listens on that port of that host: is taosd started there?`;
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || /TIME(D)?OUT$/.test(code))
    return `${endPoint} does not answer (${code}): the host is off, or a firewall or the network is between`;
  if (code.startsWith('ERR_SSL'))
    return `${endPoint} speaks no TLS as this dnode does (${code}): set tlsCert, tlsKey and tlsCa on all dnodes`;
  if (code.includes('CERT') || code.includes('SIGNATURE'))
    return `the certificate of ${endPoint} is not accepted (${code}): it must name that host and be signed by tlsCa`;
  return `${endPoint} does not answer: ${code}`;
}

/** The error for a request that took too long. */
export function tooSlow(endPoint: string, name: string, deadlineMs: number): NetworkError {
  return new NetworkError(
    ErrorCode.RPC_TOO_SLOW,
    true,
    `${endPoint} did not answer ${name} within ${deadlineMs} ms`,
  );
}

function codeOf(cause: unknown): string {
  const code = (cause as { code?: unknown } | undefined)?.code;
  if (typeof code === 'string') return code;
  const inner = (cause as { errors?: readonly unknown[] } | undefined)?.errors?.[0];
  return inner === undefined ? '' : codeOf(inner);
}
