/** How much memory one query may take. */
import type { Config } from '@tdnode/common';

const MIB = 1024 ** 2;

/** What one query may hold when `queryBufferSize` says nothing. */
const QUERY_MEMORY_BYTES = 512 * MIB;

/** Bytes that a query may hold at the coordinator, and in each fragment. */
export function queryMemoryBytes({ queryBufferSize }: Config): number {
  return queryBufferSize < 0 ? QUERY_MEMORY_BYTES : queryBufferSize * MIB;
}
