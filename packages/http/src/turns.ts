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

/** A connection with a request in work, and what waits behind it. */
interface Turn {
  response: ServerResponse;
  readonly waiting: Pair[];
}

/** Calls the handler for one request of a socket at a time. */
export class Turns {
  readonly #handler: Handler;
  readonly #busy = new Map<Socket, Turn>();
  #isEnding = false;

  constructor(handler: Handler) {
    this.#handler = handler;
  }

  /** Handles the request now or in its turn. */
  enter(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const turn = this.#busy.get(socket);
    if (turn === undefined) {
      if (this.#isEnding) response.shouldKeepAlive = false;
      this.#busy.set(socket, { response, waiting: [] });
      this.#start(request, response);
    } else if (turn.waiting.length < MAX_WAITING) turn.waiting.push([request, response]);
    else socket.destroy();
  }

  /** Lets each connection end with the last answer that it waits for; where it can, the answer says so. */
  end(): void {
    this.#isEnding = true;
    for (const { response, waiting } of this.#busy.values())
      if (waiting.length === 0 && !response.headersSent) response.shouldKeepAlive = false;
  }

  #start(request: IncomingMessage, response: ServerResponse): void {
    response.on('close', () => this.#next(request.socket));
    this.#handler(request, response);
  }

  #next(socket: Socket): void {
    const turn = this.#busy.get(socket);
    const following = socket.destroyed ? undefined : turn?.waiting.shift();
    if (following === undefined) {
      this.#busy.delete(socket);
      if (this.#isEnding) socket.end();
      return;
    }
    turn!.response = following[1];
    if (this.#isEnding && turn!.waiting.length === 0) following[1].shouldKeepAlive = false;
    this.#start(...following);
  }
}
