import { expect, test } from '@jest/globals';
import * as workflows from './index.ts';

/** The behaviour of each workflow when a worker version becomes current. A new workflow must be added here. */
const BEHAVIOURS = {
  provisionStore: 'AUTO_UPGRADE', // waits for a tenant slot or an operator, for up to a month
  deleteStore: 'AUTO_UPGRADE', // waits for the end of its undelete window, for up to a month
  repairStore: 'AUTO_UPGRADE', // may continue as a delete
  cleanUpLeftovers: 'AUTO_UPGRADE', // may continue as a delete
  adoptStore: 'AUTO_UPGRADE', // holds the workflow id of a store, as the others
  reconcileStores: 'PINNED', // its run timeout is 10 minutes
  reconcileCluster: 'PINNED', // its run timeout is 2 hours
  verifyStores: 'PINNED', // its run timeout is 2 hours
  deliverWebhook: 'AUTO_UPGRADE', // waits hours between two attempts
  dispatchWebhooks: 'AUTO_UPGRADE', // continues as new without an end
} as const;

test('every workflow declares whether its runs move to a new worker version', () => {
  const exported = Object.entries(workflows).filter(([, value]) => typeof value === 'function');
  const declared = exported.map(([name, workflow]) => [
    name,
    'versioningBehavior' in workflow ? workflow.versioningBehavior : undefined,
  ]);
  expect(Object.fromEntries(declared)).toEqual(BEHAVIOURS);
});
