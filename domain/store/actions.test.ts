import { expect, test } from '@jest/globals';
import { ACTIONS, allowedActions, type ActionableStore, type StoreAction } from './actions.ts';

const STORE: ActionableStore = { status: 'requested', step: null, isDeleteRequested: false };

const STATES: readonly (readonly [string, Partial<ActionableStore>, readonly StoreAction[]])[] = [
  ['requested', {}, ['cancel', 'retry', 'delete']],
  ['requested, with a requested delete', { isDeleteRequested: true }, ['retry', 'delete']],
  ['provisioning', { status: 'provisioning', step: 'verify' }, ['cancel', 'delete']],
  ['provisioning, with a requested delete', { status: 'provisioning', isDeleteRequested: true }, ['delete']],
  ['held', { status: 'held', step: 'await-ready' }, ['continue', 'abort', 'cancel', 'delete']],
  [
    'held at the verification',
    { status: 'held', step: 'verify' },
    ['continue', 'skip-verification', 'abort', 'cancel', 'delete'],
  ],
  ['held, with a requested delete', { status: 'held', step: 'verify', isDeleteRequested: true }, ['delete']],
  ['ready', { status: 'ready' }, ['delete']],
  ['failed', { status: 'failed', step: 'verify' }, ['retry', 'delete']],
  ['cancelled', { status: 'cancelled' }, ['retry', 'delete']],
  [
    'deleting, in its undelete window',
    { status: 'deleting', step: 'undelete-window', isDeleteRequested: true },
    ['undelete'],
  ],
  [
    'deleting, after its undelete window',
    { status: 'deleting', step: 'delete-namespace', isDeleteRequested: true },
    [],
  ],
  ['deleted', { status: 'deleted', isDeleteRequested: true }, []],
];

test.each(STATES)('returns the allowed actions of a store that is %s', (_, store, actions) => {
  expect(allowedActions({ ...STORE, ...store })).toEqual(actions);
});

test('allows every action in some state', () => {
  expect(new Set(STATES.flatMap(([, , actions]) => actions))).toEqual(new Set(ACTIONS));
});
