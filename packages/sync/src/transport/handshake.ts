/**
 * How both ends of a connection prove that they know the cluster's secret now, not only when some request was
 * recorded: four messages after the signed upgrade request.
 *
 *   acceptor → dialler  CHALLENGE  nonce A, instance A
 *   dialler  → acceptor PROOF      nonce D, instance D, connection id, HMAC('dial', all of it)
 *   acceptor → dialler  WELCOME    HMAC('accept', all of it)
 *   dialler  → acceptor READY      the last connection that the dialler had up (duplicates.ts)
 *
 * Pure but for the nonces, which are arguments. Each side is a small machine: `receive` takes a message and says
 * what to send, and whether the connection is proved.
 */
import { sameText, type Authenticator } from '@tdnode/rpc';
import { WireError, WireKind, encodeWords, parseWords } from './wire-message.ts';

/** What both ends know before the first message. */
export interface HandshakeContext {
  readonly auth: Authenticator;
  readonly dialler: number;
  readonly acceptor: number;
  /** The dialler's. */
  readonly clusterId: string;
  /** The running program on this end. */
  readonly instance: string;
  /** Random, of this end. */
  readonly nonce: string;
}

/** What a message led to. */
export interface HandshakeStep {
  readonly send?: Uint8Array;
  /** The other end is who it says, and may be used. */
  readonly proved?: {
    readonly connectionId: string;
    readonly peerInstance: string;
    /** Of READY; empty on the dialler's side. */
    readonly seen: string;
  };
}

/** One end's part. */
export interface Handshake {
  /** What this end says first, unasked. */
  readonly opening: Uint8Array | undefined;
  receive(message: Uint8Array): HandshakeStep;
}

/** The words that both proofs cover. */
function transcript(context: HandshakeContext, words: readonly string[]): readonly string[] {
  return [String(context.dialler), String(context.acceptor), context.clusterId, ...words];
}

/** The dialler's part. The caller sends READY itself once it wants the connection. */
export function diallerHandshake(context: HandshakeContext, connectionId: string): Handshake {
  let words: readonly string[] | undefined;
  return {
    opening: undefined,
    receive(message) {
      if (words === undefined) {
        expectKind(message, WireKind.challenge);
        const [nonceA, instanceA] = parseWords(message, 2) as [string, string];
        words = transcript(context, [
          nonceA,
          instanceA,
          context.nonce,
          context.instance,
          connectionId,
        ]);
        const mac = context.auth.proof('dial', ...words);
        return {
          send: encodeWords(WireKind.proof, [context.nonce, context.instance, connectionId, mac]),
        };
      }
      expectKind(message, WireKind.welcome);
      const [mac] = parseWords(message, 1) as [string];
      if (!sameText(mac, context.auth.proof('accept', ...words)))
        throw new WireError('the other end does not know the secret');
      return { proved: { connectionId, peerInstance: words[4]!, seen: '' } };
    },
  };
}

/** The acceptor's part. */
export function acceptorHandshake(context: HandshakeContext): Handshake {
  let dialled: { connectionId: string; peerInstance: string } | undefined;
  return {
    opening: encodeWords(WireKind.challenge, [context.nonce, context.instance]),
    receive(message) {
      if (dialled === undefined) {
        expectKind(message, WireKind.proof);
        const [nonceD, instanceD, connectionId, mac] = parseWords(message, 4) as [
          string,
          string,
          string,
          string,
        ];
        const words = transcript(context, [
          context.nonce,
          context.instance,
          nonceD,
          instanceD,
          connectionId,
        ]);
        if (!sameText(mac, context.auth.proof('dial', ...words)))
          throw new WireError('the other end does not know the secret');
        dialled = { connectionId, peerInstance: instanceD };
        return { send: encodeWords(WireKind.welcome, [context.auth.proof('accept', ...words)]) };
      }
      expectKind(message, WireKind.ready);
      const [seen] = parseWords(message, 1) as [string];
      return { proved: { ...dialled, seen } };
    },
  };
}

function expectKind(message: Uint8Array, kind: number): void {
  if (message[0] !== kind) throw new WireError(`message ${message[0] ?? 'empty'} in a handshake`);
}
