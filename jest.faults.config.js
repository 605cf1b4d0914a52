import config, { FAULTS } from './jest.config.js';

const [, stack] = config.projects;

/** The short form of the fault tests. It kills and restarts whole stacks, so no other test runs at the same time. */
export default { ...stack, testMatch: FAULTS, maxWorkers: 1, testTimeout: config.testTimeout };
