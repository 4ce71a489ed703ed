export { IdentityFiles } from './identity.ts';
export type { DnodeEndPoint, DnodeIdentity } from './identity.ts';
export { mnodeConfig } from './mnode-config.ts';
export { Dnode } from './service.ts';
export type { DnodeOptions } from './service.ts';
