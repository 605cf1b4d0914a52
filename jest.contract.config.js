import config, { CONTRACT } from './jest.config.js';

const [, stack] = config.projects;

/** Tests the running API against its OpenAPI document. `npm run test:contract` sets how long. */
export default { ...stack, testMatch: CONTRACT, maxWorkers: 1, testTimeout: config.testTimeout };
