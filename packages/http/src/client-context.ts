/** The context of one request; what costs something (the abort signal, the peer's address) is made when asked for. */
import type { ServerResponse } from 'node:http';
import type { RequestContext } from '@tdnode/taosc';
import type { Credentials } from './credentials.ts';

/** Request context over a response that is not answered yet. */
export class ClientContext implements RequestContext {
  readonly user: string;
  readonly password: string;
  readonly pathDb: string | undefined;
  readonly #response: ServerResponse;
  #abort: AbortController | undefined;

  constructor(credentials: Credentials, pathDb: string | undefined, response: ServerResponse) {
    this.user = credentials.user;
    this.password = credentials.password;
    this.pathDb = pathDb;
    this.#response = response;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = new AbortController();
      const response = this.#response;
      if (response.destroyed) abort.abort();
      response.on('close', () => {
        if (!response.writableFinished) abort.abort();
      });
      this.#abort = abort;
    }
    return this.#abort.signal;
  }

  get clientAddress(): string {
    return this.#response.req.socket.remoteAddress ?? '';
  }
}
