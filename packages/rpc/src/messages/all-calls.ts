/** Every call there is, for the test that guards the protocol's version. */
import type { Call, StreamCall } from './call.ts';
import * as dnodeCommands from './dnode-commands.ts';
import * as dnodeOperations from './dnode-operations.ts';
import * as mnodeCalls from './mnode-calls.ts';
import { ping } from './ping.ts';
import { sqlHead, sqlHello, sqlRequest, sqlWelcome } from './sql.ts';
import { status } from './status.ts';
import * as vnodeCalls from './vnode-calls.ts';
import { failureShape } from './failure.ts';

type AnyCall = Call<never, never> | StreamCall<never>;

/** One line a call, in the order of their names: name, treatment, shapes. */
export function describeProtocol(): string[] {
  const modules = [dnodeCommands, dnodeOperations, mnodeCalls, vnodeCalls, { ping, status }];
  const calls = modules.flatMap((module) => Object.values(module) as unknown as AnyCall[]);
  const lines = calls.map((call) => {
    const answer = 'response' in call ? call.response.describe : 'stream';
    return `${call.name} ${call.cluster}: ${call.request.describe} -> ${answer}`;
  });
  const extra = [
    `failure: ${failureShape.describe}`,
    `sql: ${sqlRequest.describe} -> ${sqlHead.describe}`,
    `sql hello: ${sqlHello.describe} -> ${sqlWelcome.describe}`,
  ];
  return [...lines.sort(), ...extra];
}
