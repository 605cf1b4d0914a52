import config from './jest.config.js';

const [{ rootDir, roots, testEnvironment, extensionsToTreatAsEsm, transform }] = config.projects;

/** Tests that run pods on this machine: as root, one after the other, since a machine runs one such node. */
export default {
  rootDir,
  roots,
  testEnvironment,
  extensionsToTreatAsEsm,
  transform,
  testMatch: ['**/*.node.test.ts'],
  maxWorkers: 1,
  testTimeout: 180_000, // pods start and stop for real
};
