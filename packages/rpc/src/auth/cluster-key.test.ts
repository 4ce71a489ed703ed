import { expect, test } from 'vitest';
import { deriveClusterKeys } from './cluster-key.ts';
import { loadTls } from './tls.ts';

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

test('TLS needs certificate and key together', () => {
  const read = (path: string): string => `<${path}>`;
  expect(loadTls({ tlsCert: '', tlsKey: '', tlsCa: 'ca' }, read)).toBeUndefined();
  expect(loadTls({ tlsCert: 'c', tlsKey: 'k', tlsCa: '' }, read)).toEqual({
    cert: '<c>',
    key: '<k>',
  });
  expect(loadTls({ tlsCert: 'c', tlsKey: 'k', tlsCa: 'a' }, read)).toMatchObject({ ca: '<a>' });
  expect(() => loadTls({ tlsCert: 'c', tlsKey: '', tlsCa: '' }, read)).toThrow('go together');
});
