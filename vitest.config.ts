import { defineConfig } from 'vitest/config';

/** These start processes, and some cause faults in them and wait for deadlines: on a busy machine of CI they may be tried again. */
const WHOLE_PROCESSES = [
  'test/e2e/**/*.test.ts',
  'test/cli/**/*.test.ts',
  'test/packaging/**/*.test.ts',
  'test/examples.test.ts',
];
/** Of those, they mostly wait for browsers, shells and other programs, and can do it side by side. */
const SIDE_BY_SIDE = [
  'test/e2e/dashboard*.test.ts',
  'test/e2e/report*.test.ts',
  'test/cli/**/*.test.ts',
  'test/packaging/**/*.test.ts',
  'test/examples.test.ts',
];
const retry = process.env.CI === undefined ? 0 : 2;

export default defineConfig({
  test: {
    globalSetup: ['test/e2e/global.ts'],
    // Threads of the service yield to whatever else wants a core, other tests among it: what takes two seconds alone can take twenty.
    testTimeout: 90_000,
    hookTimeout: 60_000,
    // One core would stay idle: by itself one is left to whoever waits.
    maxWorkers: '100%',
    coverage: { include: ['src/**/*.ts'] },
    projects: [
      {
        extends: true,
        test: { name: 'units', include: ['test/**/*.test.ts'], exclude: WHOLE_PROCESSES },
      },
      {
        extends: true,
        test: { name: 'side-by-side', include: SIDE_BY_SIDE, retry },
      },
      {
        extends: true,
        test: { name: 'processes', include: WHOLE_PROCESSES, exclude: SIDE_BY_SIDE, fileParallelism: false, retry },
      },
    ],
  },
});
