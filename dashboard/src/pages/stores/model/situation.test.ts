import { expect, test } from '@jest/globals';
import type { Store } from '@store-platform/client';
import { isSameSituation } from './situation.ts';

const READY = { status: 'ready', operation: null, failure: null, allowedActions: ['delete'] } as unknown as Store;

test.each<[string, Partial<Store>, boolean]>([
  ['nothing', {}, true],
  ['the time of a verification', { lastVerifiedAt: '2026-01-01T00:00:00.000Z' }, true],
  ['the status', { status: 'deleting' }, false],
  ['the allowed actions', { allowedActions: ['undelete'] }, false],
])('a change of %s', (_, change, expected) => {
  expect(isSameSituation(READY, { ...READY, ...change })).toBe(expected);
});
