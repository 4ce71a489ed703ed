/**
 * A dnode that comes with TLS to a port without it, or without it to a port with it, sees no more than a broken
 * connection. The port knows better, and says so.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** First byte of a TLS record that opens a connection (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 0x16;

/** Node's code for a request without TLS on a port with it. */
const NO_TLS = 'ERR_SSL_HTTP_REQUEST';

/** Calls back with a sentence for each connection that fails so; other noise is answered as Node does by itself. */
export function watchTls(
  server: Server,
  hasTls: boolean,
  onMismatch: (address: string, sentence: string) => void,
): void {
  if (hasTls) {
    server.on('tlsClientError', (error: NodeJS.ErrnoException, { remoteAddress }: Socket) => {
      const what =
        error.code === NO_TLS ? 'speaks no TLS' : `fails at TLS (${error.code ?? error.message})`;
      onMismatch(remoteAddress ?? '', `it ${what}: set tlsCert, tlsKey and tlsCa on all dnodes`);
    });
    return;
  }
  server.on('clientError', (error: Error & { readonly rawPacket?: Buffer }, socket: Socket) => {
    if (error.rawPacket?.[0] === TLS_HANDSHAKE)
      onMismatch(
        socket.remoteAddress ?? '',
        'it speaks TLS, and this dnode does not: set tlsCert, tlsKey and tlsCa on all dnodes',
      );
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
}
