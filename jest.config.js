import { readFileSync } from 'node:fs';

/** Compiler options for TypeScript. test/harness/platform/workflow-coverage.ts uses the same options to count workflow lines. */
const SWC = JSON.parse(readFileSync(new URL('jest.swc.json', import.meta.url), 'utf8'));

/** Compiler options for components of React. */
const TSX = { parser: { syntax: 'typescript', tsx: true }, transform: { react: { runtime: 'automatic' } } };

const SOURCES = [
  'api',
  'activities',
  'cli',
  'client',
  'config',
  'dashboard',
  'db',
  'domain',
  'images',
  'telemetry',
  'temporal',
  'temporal-dev',
  'webhooks',
  'worker',
  'workflows',
];

/** Fault tests take minutes and all processors, so they run separately: `npm run test:faults`. */
export const FAULTS = ['**/test/faults/short.stack.test.ts'];

/** Contract tests send requests for a given time: `npm run test:contract`. */
export const CONTRACT = ['**/test/contract/schemathesis.stack.test.ts'];

const base = {
  rootDir: import.meta.dirname,
  roots: [...SOURCES, 'bench', 'helm', 'lint', 'observability', 'test'].map((folder) => `<rootDir>/${folder}`),
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { ...SWC, sourceMaps: 'inline' }],
    '^.+\\.tsx$': ['@swc/jest', { ...SWC, jsc: { ...SWC.jsc, ...TSX }, sourceMaps: 'inline' }],
  },
  // Composition roots are left out: they run in separate processes, where Jest counts no lines. Platform tests run them.
  collectCoverageFrom: [
    ...SOURCES.map((folder) => `${folder}/**/*.ts`),
    '!**/*.test.ts',
    '!**/main.ts',
    '!worker/promote.ts',
    '!domain/operations/types.ts', // types only: it has no code to run
    '!images/medusa/app/**',
    '!worker/build-workflow-bundle.ts',
    // `npm run test:dashboard` tests it in a browser, where Jest counts no lines.
    '!dashboard/**',
    // `npm run test:e2e` tests this folder.
    '!temporal-dev/node/**',
  ],
};

export default {
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: ['\\.(stack|node|browser)\\.test\\.ts$'],
    },
    {
      ...base,
      displayName: 'stack',
      testMatch: ['**/*.stack.test.ts', ...[...FAULTS, ...CONTRACT].map((file) => `!${file}`)],
      // All files share one stack: see test/harness/stack/.
      globalSetup: '<rootDir>/test/harness/stack/global-setup.js',
      globalTeardown: '<rootDir>/test/harness/stack/global-teardown.js',
    },
  ],
  collectCoverageFrom: base.collectCoverageFrom,
  coverageProvider: 'babel',
  // Workflows run in a sandbox. Their lines count only in the tests that replay saved histories.
  coverageThreshold: { global: { lines: 85 } },
  coverageReporters: ['text-summary', 'lcov', 'json-summary'],
  // All files share one stack and wait for it most of the time, so four workers keep two cores busy. More workers only wait longer.
  maxWorkers: 4,
  // Modules of finished files stay in a worker's heap and slow down garbage collection.
  workerIdleMemoryLimit: '1GB',
  // An idle Jest worker needs up to 0.2 s to exit, and more on a busy machine. Jest's default of 0.5 s reports it as a leak. A worker
  // with an open handle never exits, so Jest still reports it.
  workerGracefulExitTimeout: 5_000,
  // Real servers on a busy machine: the timeout finds hangs, and a slow test does not fail.
  testTimeout: 120_000,
};
