export { openMnode } from './mnode.ts';
export type { Mnode, MnodeOptions } from './mnode.ts';
export type { DnodeInfo } from './context.ts';
export { defaultMnodeConfig } from './config.ts';
export type { MnodeConfig } from './config.ts';
export type { PlacementConfig } from './allocate/placement.ts';
export { convertTag } from './catalog/tag-literal.ts';
export type { TagConversion, TagRefusal } from './catalog/tag-literal.ts';
