import { expect, test } from '@jest/globals';
import { allowedActions, type ActionableStore, type StoreAction } from './actions.ts';

const STORE: ActionableStore = { status: 'requested', step: null, isDeleteRequested: false };

test.each<[string, Partial<ActionableStore>, readonly StoreAction[]]>([
  ['requested', {}, ['cancel', 'retry', 'delete']],
  ['requested and to be deleted', { isDeleteRequested: true }, ['retry', 'delete']],
  ['being provisioned', { status: 'provisioning', step: 'verify' }, ['cancel', 'delete']],
  ['being provisioned and to be deleted', { status: 'provisioning', isDeleteRequested: true }, ['delete']],
  ['held', { status: 'held', step: 'await-ready' }, ['continue', 'abort', 'cancel', 'delete']],
  [
    'held at its verification',
    { status: 'held', step: 'verify' },
    ['continue', 'skip-verification', 'abort', 'cancel', 'delete'],
  ],
  ['held and to be deleted', { status: 'held', step: 'verify', isDeleteRequested: true }, ['delete']],
  ['ready', { status: 'ready' }, ['delete']],
  ['failed', { status: 'failed', step: 'verify' }, ['retry', 'delete']],
  ['cancelled', { status: 'cancelled' }, ['retry', 'delete']],
  ['in its undelete window', { status: 'deleting', step: 'undelete-window', isDeleteRequested: true }, ['undelete']],
  ['being deleted', { status: 'deleting', step: 'delete-namespace', isDeleteRequested: true }, []],
  ['deleted', { status: 'deleted', isDeleteRequested: true }, []],
])('a store that is %s allows these actions', (_, store, actions) => {
  expect(allowedActions({ ...STORE, ...store })).toEqual(actions);
});
