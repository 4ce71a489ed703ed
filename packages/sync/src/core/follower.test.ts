import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Follower } from './follower.ts';

const WINDOW = { bytesMax: 100, messagesMax: 3 };

test('probe sends one and waits; accepted, it streams on', () => {
  const follower = new Follower(2, 8);
  expect(follower.mayStream(WINDOW)).toBe(false);
  follower.sent(7, 0);
  expect([follower.isProbeSent, follower.next]).toEqual([true, 8]);
  follower.accepted(7, 1);
  expect([follower.progress, follower.next, follower.matched]).toEqual(['stream', 8, 7]);
});

test('files end when the follower holds what the log begins behind', () => {
  const follower = new Follower(2, 1);
  follower.becomeFiles();
  expect(follower.mayStream(WINDOW)).toBe(false);
  follower.accepted(5, 10);
  expect(follower.progress).toBe('files');
  follower.accepted(9, 10);
  expect([follower.progress, follower.next]).toEqual(['stream', 10]);
});

test('back to probe, what was on the way is forgotten', () => {
  const follower = new Follower(2, 1);
  follower.accepted(0, 1);
  follower.sent(4, 60);
  follower.becomeProbe();
  expect([follower.next, follower.inFlightBytes, follower.inFlightCount]).toEqual([1, 0, 0]);
});

test('the window holds whatever is sent and answered; one message may always go', () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant('send' as const), bytes: fc.integer({ min: 1, max: 300 }) }),
    fc.record({ kind: fc.constant('ack' as const), ahead: fc.nat(4) }),
  );
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const follower = new Follower(2, 1);
      follower.accepted(0, 1);
      for (const e of events) {
        if (e.kind === 'ack') {
          follower.accepted(Math.min(follower.next - 1, follower.matched + e.ahead), 1);
        } else if (follower.mayStream(WINDOW)) {
          const isFirst = follower.inFlightCount === 0;
          const bytes = isFirst ? e.bytes : Math.min(e.bytes, follower.roomBytes(WINDOW));
          follower.sent(follower.next, bytes);
          expect(isFirst || follower.inFlightBytes <= WINDOW.bytesMax).toBe(true);
        } else {
          expect(follower.inFlightCount).toBeGreaterThan(0);
        }
        expect(follower.inFlightCount).toBeLessThanOrEqual(WINDOW.messagesMax);
        expect(follower.matched).toBeLessThan(follower.next);
      }
      follower.accepted(follower.next - 1, 1);
      expect([follower.inFlightBytes, follower.inFlightCount]).toEqual([0, 0]);
    }),
  );
});
