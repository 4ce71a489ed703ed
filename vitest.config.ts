import { defineConfig } from 'vitest/config';

/** Tests run from source: each package's `exports` names its `source` first. Real threads and processes run on `dist`. */
const resolveFromSource = { conditions: ['source', 'node', 'import', 'default'] };

export default defineConfig({
  ssr: { resolve: resolveFromSource },
  resolve: resolveFromSource,
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['packages/*/src/**/*.test.ts'], testTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['packages/*/test/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
