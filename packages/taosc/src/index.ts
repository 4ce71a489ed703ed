export type { RequestContext, SqlResult, SqlService } from './sql-service.ts';
export { Coordinator } from './coordinator.ts';
export type { CoordinatorOptions } from './coordinator.ts';
export { RunningWork } from './running-work.ts';
export { StreamRunner } from './streams/stream-runner.ts';
export type { StreamProgress, StreamRunnerOptions } from './streams/stream-runner.ts';
export type { StreamDefinition } from './streams/stream-job.ts';
