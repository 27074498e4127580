import { defineConfig } from 'vitest/config';

/** These start processes and cause faults in them: one at a time, and on a busy machine of CI they may be tried again. */
const WHOLE_PROCESSES = [
  'test/e2e/**/*.test.ts',
  'test/cli/**/*.test.ts',
  'test/packaging/**/*.test.ts',
  'test/examples.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: ['test/e2e/global.ts'],
    // Threads of the service yield to whatever else wants a core, other tests among it: what takes two seconds alone can take twenty.
    testTimeout: 90_000,
    hookTimeout: 60_000,
    coverage: { include: ['src/**/*.ts'] },
    projects: [
      {
        extends: true,
        test: { name: 'units', include: ['test/**/*.test.ts'], exclude: WHOLE_PROCESSES },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: WHOLE_PROCESSES,
          fileParallelism: false,
          retry: process.env.CI === undefined ? 0 : 2,
        },
      },
    ],
  },
});
