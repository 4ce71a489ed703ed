export { RestServer } from './rest-server.ts';
export type { RestOptions } from './rest-server.ts';
export type { DoorOptions } from './door.ts';
export type { ReadyProbe } from './health.ts';
export type { MetricsSource } from './metrics-route.ts';
