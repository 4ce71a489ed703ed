export { startArbitrator } from './service.ts';
export type { ArbitratorOptions, RunningArbitrator } from './service.ts';
