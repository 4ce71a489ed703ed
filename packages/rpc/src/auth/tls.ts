/**
 * TLS between dnodes, on serverPort and serverPort + 10. The certificate proves the host's name; that the dnode
 * belongs to the cluster is still proved by the secret.
 */
import type { Config } from '@tdnode/common';

/** PEM texts. */
export interface TlsOptions {
  readonly cert: string;
  readonly key: string;
  /** Who signs the certificates of dnodes; undefined: the authorities that Node knows. */
  readonly ca?: string;
}

/** The parameters that name the files. */
export type TlsConfig = Pick<Config, 'tlsCert' | 'tlsKey' | 'tlsCa'>;

/** Reads the files that the configuration names; undefined: TLS is off. Throws Error when one of the two is missing. */
export function loadTls(
  config: TlsConfig,
  readFile: (path: string) => string,
): TlsOptions | undefined {
  if (config.tlsCert === '' && config.tlsKey === '') return undefined;
  if (config.tlsCert === '' || config.tlsKey === '')
    throw new Error('tlsCert and tlsKey go together: set both or none');
  return {
    cert: readFile(config.tlsCert),
    key: readFile(config.tlsKey),
    ...(config.tlsCa === '' ? {} : { ca: readFile(config.tlsCa) }),
  };
}
