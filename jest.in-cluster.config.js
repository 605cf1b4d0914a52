import config from './jest.e2e.config.js';

/** Tests of the image of the platform, and of the platform in pods of this machine. */
export default {
  ...config,
  testMatch: ['**/in-cluster.node.test.ts', '**/platform-image.node.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
