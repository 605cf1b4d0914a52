import config from './jest.config.js';

const [, stack] = config.projects;

/** Tests of the dashboard in a real Chromium. All files share one stack, one platform and one browser. */
export default {
  ...stack,
  displayName: 'dashboard',
  roots: ['<rootDir>/dashboard'],
  testMatch: ['**/*.browser.test.ts'],
  globalSetup: '<rootDir>/dashboard/test/global-setup.js',
  setupFilesAfterEnv: ['<rootDir>/dashboard/test/after-each.ts'],
  globalTeardown: '<rootDir>/dashboard/test/global-teardown.js',
  // The tests of two files keep two cores busy.
  maxWorkers: 2,
  testTimeout: config.testTimeout,
};
