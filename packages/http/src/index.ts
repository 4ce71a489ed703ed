export { RestServer } from './rest-server.ts';
export type { RestOptions } from './rest-server.ts';
export type { DoorOptions } from './door.ts';
