import { readFileSync } from 'node:fs';

/** How TypeScript is translated. Workflows whose lines are counted are translated in the same way: test/harness/platform/workflow-coverage.ts. */
const SWC = JSON.parse(readFileSync(new URL('jest.swc.json', import.meta.url), 'utf8'));

const SOURCES = [
  'api',
  'activities',
  'config',
  'db',
  'domain',
  'images',
  'telemetry',
  'temporal',
  'temporal-dev',
  'worker',
  'workflows',
];

/** Crash sweeps take minutes and the whole machine: they run by themselves, `npm run test:sweeps`. */
export const SWEEPS = ['**/test/faults/short.stack.test.ts'];

const base = {
  rootDir: import.meta.dirname,
  roots: [...SOURCES, 'bench', 'helm', 'lint', 'test'].map((folder) => `<rootDir>/${folder}`),
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { ...SWC, sourceMaps: 'inline' }],
  },
  // Composition roots only wire: they run in processes of their own, where the tests of the whole platform exercise them.
  collectCoverageFrom: [
    ...SOURCES.map((folder) => `${folder}/**/*.ts`),
    '!**/*.test.ts',
    '!**/main.ts',
    // Types only: there is nothing to run.
    '!domain/engines/types.ts',
    '!domain/operations/types.ts',
    '!images/medusa/app/**',
    '!worker/build-workflow-bundle.ts',
    // Needs a machine of its own: `npm run test:e2e`.
    '!temporal-dev/node/**',
  ],
};

export default {
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: ['\\.(stack|node)\\.test\\.ts$'],
    },
    {
      ...base,
      displayName: 'stack',
      testMatch: ['**/*.stack.test.ts', ...SWEEPS.map((file) => `!${file}`)],
      // One stack for the run: see test/harness/stack/.
      globalSetup: '<rootDir>/test/harness/stack/global-setup.js',
      globalTeardown: '<rootDir>/test/harness/stack/global-teardown.js',
    },
  ],
  collectCoverageFrom: base.collectCoverageFrom,
  coverageProvider: 'babel',
  // Coverage excludes composition roots, because they run in their own processes. Workflows count when the saved histories are
  // replayed.
  coverageThreshold: { global: { lines: 85 } },
  coverageReporters: ['text-summary', 'lcov', 'json-summary'],
  // All tests share one stack; more than a few files at once only queue up before it. Most of the time they wait for it, so even two
  // cores have something to do for four.
  maxWorkers: 4,
  // Modules of finished files stay in a worker's memory, and each collection has to go through them.
  workerIdleMemoryLimit: '1GB',
  // Real servers on a busy machine: a hang is found, slowness is not a failure.
  testTimeout: 120_000,
};
