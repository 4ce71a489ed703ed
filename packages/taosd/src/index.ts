export { startServices } from './wire.ts';
export type { Services } from './wire.ts';
