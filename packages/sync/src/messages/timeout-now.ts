/** `timeoutNow`: the master hands over; the receiver, which has everything, campaigns at once. */
import type { Envelope } from './envelope.ts';

export interface TimeoutNow extends Envelope {
  readonly kind: 'timeoutNow';
}
