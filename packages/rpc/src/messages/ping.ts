/** Are you there, and who are you: for start-up checks, `taos` and tests. */
import { endPoint } from '../codec/service-shapes.ts';
import { count, nothing, struct, text } from '../codec/shape.ts';
import { defineCall } from './call.ts';

/** Who answers. */
export interface PingAnswer {
  /** 0 before it has joined. */
  readonly dnodeId: number;
  readonly endPoint: string;
  readonly clusterId: string;
  readonly version: string;
}

export const ping = defineCall<void, PingAnswer>({
  name: 'dnode.ping',
  request: nothing,
  response: struct<PingAnswer>({
    dnodeId: count,
    endPoint,
    clusterId: text(64),
    version: text(64),
  }),
  isIdempotent: true,
  cluster: 'any',
  lane: 'control',
  deadlineMs: 3_000,
});
