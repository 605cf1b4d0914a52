import config from './jest.config.js';

const [{ rootDir, roots, testEnvironment, extensionsToTreatAsEsm, transform }] = config.projects;

/** Tests that run pods on this machine. They need root and run one file at a time, because a machine can run only one such node. */
export default {
  rootDir,
  roots,
  testEnvironment,
  extensionsToTreatAsEsm,
  transform,
  testMatch: ['**/*.node.test.ts'],
  // They have a command of their own, `npm run test:in-cluster`.
  testPathIgnorePatterns: ['/node_modules/', 'in-cluster\\.node\\.test\\.ts$', 'platform-image\\.node\\.test\\.ts$'],
  maxWorkers: 1,
  testTimeout: 180_000, // containers start and stop for real
};
