export { runSeed, SeedError } from './run-seed.ts';
export type { SeedReport } from './run-seed.ts';
export { PLANTS } from './plants.ts';
export type { Plant } from './plants.ts';
export type { SeedOptions } from './cluster.ts';
