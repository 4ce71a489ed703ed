export { IdentityFiles } from './identity.ts';
export type { DnodeEndPoint, DnodeIdentity } from './identity.ts';
export { Dnode, mnodeConfig } from './service.ts';
export type { DnodeOptions } from './service.ts';
