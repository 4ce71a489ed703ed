export type { RequestContext, SqlResult, SqlService } from './sql-service.ts';
export { Coordinator } from './coordinator.ts';
export type { CoordinatorOptions } from './coordinator.ts';
export { RunningWork } from './running-work.ts';
export type { StatementEvent, StatementObserver } from './observe.ts';
export { statementKinds } from './statement-kind.ts';
export type { StatementKind } from './statement-kind.ts';
export { StreamRunner } from './streams/stream-runner.ts';
export type { StreamRunnerOptions } from './streams/stream-runner.ts';
