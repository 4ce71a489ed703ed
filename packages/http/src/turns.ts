/**
 * Requests of one connection are worked on one after the other, so that pipelined statements take effect in
 * the order in which they were sent. A client may be ahead by a bounded number of requests.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that may wait on one connection. */
const MAX_WAITING = 1000;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
type Pair = readonly [IncomingMessage, ServerResponse];

/** Calls the handler for one request of a socket at a time. */
export class Turns {
  readonly #handler: Handler;
  /** Sockets with a request in work, and what waits behind it. */
  readonly #waiting = new Map<Socket, Pair[]>();

  constructor(handler: Handler) {
    this.#handler = handler;
  }

  /** Handles the request now or in its turn. */
  enter(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const waiting = this.#waiting.get(socket);
    if (waiting === undefined) {
      this.#waiting.set(socket, []);
      this.#start(request, response);
    } else if (waiting.length < MAX_WAITING) waiting.push([request, response]);
    else socket.destroy();
  }

  #start(request: IncomingMessage, response: ServerResponse): void {
    response.on('close', () => this.#next(request.socket));
    this.#handler(request, response);
  }

  #next(socket: Socket): void {
    const following = socket.destroyed ? undefined : this.#waiting.get(socket)?.shift();
    if (following === undefined) this.#waiting.delete(socket);
    else this.#start(...following);
  }
}
