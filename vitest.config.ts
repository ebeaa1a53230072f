import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// The file that Node itself loads. Vite would take graphql's `module` build, a second copy beside the one that
// the libraries load, and graphql refuses two copies.
const graphql = { find: /^graphql$/, replacement: 'graphql/index.js' };
// What the examples import by the package's name, without a build.
const authorization = {
  find: 'gatewright/authorization',
  replacement: join(import.meta.dirname, 'src/authorization/guard.ts'),
};
// What needs the embedded database, or whichever there is: guards and tokens are decided before a database is asked.
const once = [
  'test/e2e/embedded/**/*.test.ts',
  'test/e2e/http/**/*.test.ts',
  'test/e2e/permission-matrix.test.ts',
  'test/e2e/token-matrix.test.ts',
  'test/integration/authorization/rows.mutants.test.ts',
];
const withDatabases = {
  globalSetup: 'test/support/global-setup.ts',
  testTimeout: 60_000,
  hookTimeout: 120_000,
};
const resolve = { alias: [graphql, authorization] };

export default defineConfig({
  test: {
    // Every core: much of the time a test waits for a server or for the database.
    maxWorkers: '100%',
    reporters: process.env.TEST_REPORT ? ['default', ['json', { outputFile: process.env.TEST_REPORT }]] : ['default'],
    projects: [
      // A loaded machine takes many times as long: the limit is there for what hangs.
      {
        resolve,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 },
      },
      {
        resolve,
        test: {
          name: 'system',
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          exclude: once,
          ...withDatabases,
        },
      },
      // The same, whether there is a server or not.
      { resolve, test: { name: 'once', include: once, ...withDatabases } },
    ],
  },
});
