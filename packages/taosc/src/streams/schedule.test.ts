/** Which windows run when: each once, in order, none before it is closed. */
import { seededRandom, type Random } from '@tdnode/common';
import type { WindowCutter } from '@tdnode/query';
import { ManualClock } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { planStreamStep, windowAfter, windowAt, type StreamCourse } from './schedule.ts';

const RULES = { ratio: 0.1, maxMs: 20_000 };
const SEEDS = 300;

/** Windows of `width` every `step` ticks. */
function windowsOf(width: number, step: number): WindowCutter {
  return {
    overlaps: width !== step,
    first: (ts) => Math.floor((ts - width) / step) * step + step,
    end: (start) => start + width,
    next: (start) => start + step,
  };
}

function courseOf(width: number, step: number, more: Partial<StreamCourse> = {}): StreamCourse {
  const windows = windowsOf(width, step);
  return { windows, next: 0, to: undefined, windowsMax: 1000, ticksPerMs: 1, ...more };
}

test('a window waits for its end and a tenth of its length', () => {
  const course = courseOf(1000, 1000);
  expect(planStreamStep(course, 1099, RULES)).toEqual({ kind: 'wait', untilMs: 1100 });
  expect(planStreamStep(course, 1100, RULES)).toEqual({
    kind: 'run',
    from: 0,
    end: 1000,
    rowsEnd: 1000,
    openFrom: 1000,
  });
});

test('the delay is bounded, and the share of the sliding counts', () => {
  expect(planStreamStep(courseOf(1e9, 1e9), 0, RULES)).toMatchObject({ untilMs: 1e9 + 20_000 });
  expect(planStreamStep(courseOf(1000, 100), 0, RULES)).toMatchObject({ untilMs: 1010 });
});

test('finer ticks wait for the whole millisecond', () => {
  const course = courseOf(1005, 1005, { ticksPerMs: 1000 });
  expect(planStreamStep(course, 0, RULES)).toEqual({ kind: 'wait', untilMs: 2 });
});

test('windows that share times: rows up to the end of the last', () => {
  expect(planStreamStep(courseOf(1000, 500), 2050, RULES)).toEqual({
    kind: 'run',
    from: 0,
    end: 1500,
    rowsEnd: 2000,
    openFrom: 1500,
  });
});

test('long behind: as many windows as a run takes, then the next', () => {
  const step = planStreamStep(courseOf(10, 10, { windowsMax: 3 }), 1_000_000, RULES);
  expect(step).toMatchObject({ kind: 'run', from: 0, end: 30, openFrom: 999_990 });
});

test('an end: the window that holds it is the last', () => {
  const course = courseOf(100, 100, { to: 250 });
  expect(planStreamStep(course, 10_000, RULES)).toMatchObject({ from: 0, end: 300 });
  expect(planStreamStep({ ...course, next: 300 }, 310, RULES)).toEqual({ kind: 'finished' });
});

test('windows at and after a time', () => {
  const windows = windowsOf(1000, 250);
  expect([windowAt(windows, 999), windowAt(windows, 1000)]).toEqual([750, 1000]);
  expect([windowAfter(windows, 999), windowAfter(windows, 1000)]).toEqual([1000, 1250]);
});

const below = (random: Random, n: number): number => Math.floor(random.next() * n);

test('over any walk of the clock every window runs once, in order, closed', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed);
    const clock = new ManualClock(0);
    const step = 10 + below(random, 500);
    const width = step * (1 + below(random, 4));
    let course = courseOf(width, step, { windowsMax: 1 + below(random, 20) });
    const ran: number[] = [];
    for (let i = 0; i < 60; i++) {
      const planned = planStreamStep(course, clock.now(), RULES);
      if (planned.kind === 'run') {
        expect(planned.rowsEnd, `seed ${seed}`).toBeLessThanOrEqual(clock.now());
        for (let start = planned.from; start < planned.end; start += step) ran.push(start);
        if (random.next() < 0.8) course = { ...course, next: planned.end };
        else ran.length -= (planned.end - planned.from) / step; // failed: nothing was written
      } else if (planned.kind === 'wait') {
        expect(planned.untilMs, `seed ${seed}`).toBeGreaterThan(clock.now());
      }
      if (random.next() < 0.6) clock.advance(below(random, 3 * width));
    }
    expect(ran, `seed ${seed}`).toEqual(ran.map((_, i) => i * step));
  }
});
