/** What a core is told and what it answers, a line each: to read what led to a failure. */
import type { Core, Input, Output } from '@tdnode/sync';
import { changedCore } from './observed-core.ts';

/** Takes one line. */
export type Trace = (line: string) => void;

/** `core`, heard by `trace`. `head` begins each line. */
export function tracedCore(core: Core, head: () => string, trace: Trace): Core {
  let before = '';
  const say = (output: Output, input: Input | 'start'): Output => {
    const { role, term, commit, appliable, acknowledged, messages, ...orders } = output;
    const what =
      input === 'start' ? 'start' : textOf(input.kind === 'message' ? input.message : input);
    const state = `${role} term ${term} commit ${commit} appliable ${appliable} acknowledged ${acknowledged}`;
    const isQuiet = input !== 'start' && input.kind === 'tick' && messages.length === 0;
    if (isQuiet && state === before && Object.keys(orders).length === 0) return output;
    before = state;
    trace(`${head()} ${what}`);
    trace(`${head()}   = ${state} ${textOf(orders)}`);
    for (const message of messages) trace(`${head()}   > ${textOf(message)}`);
    return output;
  };
  return changedCore(core, say);
}

function textOf(value: object): string {
  return JSON.stringify(value).replaceAll('"', '');
}
