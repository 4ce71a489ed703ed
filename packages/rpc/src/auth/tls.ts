/**
 * TLS between dnodes, on serverPort and serverPort + 10. The certificate proves the host's name; that the dnode
 * belongs to the cluster is still proved by the secret.
 */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { ErrorCode, TaosError, type Config } from '@tdnode/common';

/** PEM texts. */
export interface TlsOptions {
  readonly cert: string;
  readonly key: string;
  /** Who signs the certificates of dnodes; undefined: the authorities that Node knows. */
  readonly ca?: string;
}

/** The parameters that name the files. */
export type TlsConfig = Pick<Config, 'tlsCert' | 'tlsKey' | 'tlsCa'>;

/**
 * Reads the files that the configuration names; undefined: TLS is off. Throws TaosError with a sentence where one is
 * missing or is not what it should be, and where certificate and key do not belong together.
 */
export function loadTls(
  { tlsCert, tlsKey, tlsCa }: TlsConfig,
  readFile: (path: string) => string,
): TlsOptions | undefined {
  if (tlsCert === '' && tlsKey === '') return undefined;
  if (tlsCert === '' || tlsKey === '')
    throw wrong('tlsCert and tlsKey go together: set both or none');
  const cert = read('tlsCert', tlsCert, readFile);
  const key = read('tlsKey', tlsKey, readFile);
  const privateKey = parsed(`tlsKey ${tlsKey} holds no private key`, () => createPrivateKey(key));
  const certificate = parsed(
    `tlsCert ${tlsCert} holds no certificate`,
    () => new X509Certificate(cert),
  );
  if (!certificate.checkPrivateKey(privateKey))
    throw wrong(`tlsKey ${tlsKey} is not the key of the certificate in tlsCert ${tlsCert}`);
  if (tlsCa === '') return { cert, key };
  const ca = read('tlsCa', tlsCa, readFile);
  parsed(`tlsCa ${tlsCa} holds no certificate`, () => new X509Certificate(ca));
  return { cert, key, ca };
}

function read(parameter: string, file: string, readFile: (path: string) => string): string {
  return parsed(`${parameter} ${file} cannot be read`, () => readFile(file));
}

/** What `make` gives; what it throws becomes the cause of a sentence. */
function parsed<T>(otherwise: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw wrong(`${otherwise}: ${reason}`, cause);
  }
}

function wrong(detail: string, cause?: unknown): TaosError {
  return new TaosError(ErrorCode.COM_INVALID_CFG_MSG, undefined, { detail, cause });
}
