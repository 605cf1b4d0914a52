import config, { SWEEPS } from './jest.config.js';

const [, stack] = config.projects;

/** Tests that start, stop and kill all day, and want the machine for themselves. */
export default { ...stack, testMatch: SWEEPS, maxWorkers: 1, testTimeout: config.testTimeout };
