import { describe, expect, test } from '@jest/globals';
import { canTransition, isLive, sourcesOf, STORE_STATUSES, type StoreStatus } from './status.ts';

describe('the status of a store', () => {
  const next: Record<StoreStatus, readonly StoreStatus[]> = {
    requested: ['provisioning', 'cancelled', 'deleting'],
    provisioning: ['held', 'ready', 'failed', 'cancelled', 'deleting'],
    held: ['provisioning', 'deleting'],
    ready: ['deleting'],
    failed: ['provisioning', 'deleting'],
    cancelled: ['provisioning', 'deleting'],
    deleting: ['provisioning', 'failed', 'deleted'],
    deleted: [],
  };

  test.each(STORE_STATUSES)('may change from %s only to the listed ones', (from) => {
    expect(STORE_STATUSES.filter((to) => canTransition(from, to))).toEqual(next[from]);
  });

  test('is requested first: no other status has no predecessor', () => {
    expect(STORE_STATUSES.filter((status) => sourcesOf(status).length === 0)).toEqual(['requested']);
  });

  test('counts against the quota unless it is deleted', () => {
    expect(STORE_STATUSES.filter((status) => !isLive(status))).toEqual(['deleted']);
  });
});
