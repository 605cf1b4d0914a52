import { expect, test } from '@jest/globals';
import { accessTo, KNOWN_OPERATIONS } from '../../../api/auth/access.ts';
import { ACCESS, mayCall } from './access.ts';

/** Operations outside of `/api`, which need no credential and no row in the table of the API. */
const OPEN_TO_ALL = ['explainProblem', 'getHealth', 'getLiveness', 'getReadiness'] as const;

test('the page and the API agree on who may call which operation', () => {
  const ofApi = Object.fromEntries(KNOWN_OPERATIONS.map((id) => [id, accessTo(id)?.needs]));
  const open = Object.fromEntries(OPEN_TO_ALL.map((id) => [id, 'public']));
  expect(ACCESS).toEqual({ ...ofApi, ...open });
});

test.each([
  ['viewer', false, 'listStores', true],
  ['viewer', false, 'createStore', false],
  ['member', false, 'createStore', true],
  ['member', false, 'createWebhook', false],
  ['admin', false, 'createWebhook', true],
  ['admin', false, 'listAllStores', false],
  ['viewer', true, 'listAllStores', true],
  [null, false, 'listStores', false],
  [null, false, 'getMe', true],
] as const)('role %s, operator %s: %s is allowed: %s', (role, isOperator, operation, isAllowed) => {
  expect(mayCall(operation, { role, isOperator })).toBe(isAllowed);
});
