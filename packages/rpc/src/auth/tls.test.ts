import { expect, test } from 'vitest';
import { loadTls } from './tls.ts';

const nothing = (file: string): string => {
  throw new Error(`no file ${file}`);
};

test('without certificate and key there is no TLS', () => {
  expect(loadTls({ tlsCert: '', tlsKey: '', tlsCa: 'ca' }, nothing)).toBeUndefined();
});

test.each([
  [{ tlsCert: 'c', tlsKey: '', tlsCa: '' }, nothing, 'tlsCert and tlsKey go together'],
  [{ tlsCert: 'c', tlsKey: 'k', tlsCa: '' }, nothing, 'tlsCert c cannot be read: no file c'],
  [{ tlsCert: 'c', tlsKey: 'k', tlsCa: '' }, (file: string) => file, 'tlsKey k holds no private'],
])('%j is refused with a sentence', (config, readFile, sentence) => {
  const load = (): unknown => loadTls(config, readFile);
  expect(load).toThrow(expect.objectContaining({ detail: expect.stringContaining(sentence) }));
});
