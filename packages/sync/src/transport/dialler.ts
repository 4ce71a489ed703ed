/** Opens one socket to a peer's transport; the name is resolved anew. */
import type { Socket } from 'node:net';
import { hashOf, networkFailure, type Authenticator, type TlsOptions } from '@tdnode/rpc';
import type * as Ws from 'ws';
import { SYNC_PATH } from './acceptor.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import type { PeerAddress } from './peer.ts';

const MAX_REFUSAL_BYTES = 2000;
const EMPTY_HASH = hashOf(new Uint8Array(0));

/** What a dialler stands on. */
export interface DiallerOptions {
  readonly auth: Authenticator;
  readonly selfId: number;
  readonly tls: TlsOptions | undefined;
  readonly handshakeMs: number;
}

/** What becomes of a dial; one of the two is called, once. */
export interface DialOutcome {
  readonly onOpen: (socket: Ws.WebSocket, raw: Socket) => void;
  readonly onFailed: (reason: string) => void;
}

/** Dials; `ws` is loaded by the caller, so that those who only use this package's core do not carry it. */
export function dial(
  { WebSocket: Dialled }: typeof Ws,
  address: PeerAddress,
  { auth, selfId, tls, handshakeMs }: DiallerOptions,
  { onOpen, onFailed }: DialOutcome,
): { abort(): void } {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const place = `${host}:${address.port}`;
  const path = `${SYNC_PATH}?from=${selfId}&to=${address.dnodeId}`;
  const signed = auth.sign({ method: 'GET', path, to: place, bodyHash: EMPTY_HASH });
  const socket = new Dialled(`${tls === undefined ? 'ws' : 'wss'}://${place}${path}`, {
    headers: signed,
    handshakeTimeout: handshakeMs,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    skipUTF8Validation: true,
    // Masks protect proxies from browsers; between dnodes they would cost a pass over every byte. ws skips a zero mask.
    generateMask: (mask: Buffer) => void mask.fill(0),
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
  });
  let isDone = false;
  const fail = (reason: string): void => {
    if (isDone) return;
    isDone = true;
    onFailed(reason);
  };
  socket.once('upgrade', ({ socket: raw }) => {
    socket.once('open', () => {
      if (isDone) return socket.terminate();
      isDone = true;
      onOpen(socket, raw);
    });
  });
  socket.once('unexpected-response', (_request, response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (piece: string) => {
      if (text.length < MAX_REFUSAL_BYTES) text += piece;
    });
    response.once('close', () => {
      fail(`${place} refuses: ${text.slice(0, MAX_REFUSAL_BYTES) || response.statusCode}`);
      socket.terminate();
    });
  });
  socket.on('error', (error) => fail(sentenceOf(place, error)));
  return {
    abort() {
      isDone = true;
      socket.terminate();
    },
  };
}

/** In words where Node has a code; the library's own refusals are words already. */
function sentenceOf(place: string, error: Error): string {
  if (!('code' in error)) return `${place}: ${error.message}`;
  const { detail, message } = networkFailure(place, error);
  return detail ?? message;
}
