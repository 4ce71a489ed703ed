import { expect, test } from 'vitest';
import { deriveClusterKeys } from './cluster-key.ts';

test('equal secrets give equal keys, and each wire its own', () => {
  const keys = deriveClusterKeys('tdnode');
  expect(deriveClusterKeys('tdnode')).toEqual(keys);
  expect(keys.rpc).not.toEqual(keys.transport);
  expect(deriveClusterKeys('tdnodf').rpc).not.toEqual(keys.rpc);
  // Every build must derive the same: dnodes of two versions meet during an upgrade.
  expect(Buffer.from(keys.rpc).toString('hex')).toBe(
    '32b8ac1c07b1463e9d3b3fd9d9e9efb8276d00aa6eabeba4608d1de90666865b',
  );
});
