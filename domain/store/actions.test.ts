import { expect, test } from '@jest/globals';
import { movesOf, type MovableStore, type Move } from './actions.ts';

const STORE: MovableStore = { status: 'requested', step: null, isDeleteRequested: false };

test.each<[string, Partial<MovableStore>, readonly Move[]]>([
  ['requested', {}, ['cancel', 'retry', 'delete']],
  ['requested and to be deleted', { isDeleteRequested: true }, ['retry', 'delete']],
  ['being provisioned', { status: 'provisioning', step: 'verify' }, ['cancel', 'delete']],
  ['being provisioned and to be deleted', { status: 'provisioning', isDeleteRequested: true }, ['delete']],
  ['held', { status: 'held', step: 'await-ready' }, ['resume', 'abort', 'cancel', 'delete']],
  [
    'held at its verification',
    { status: 'held', step: 'verify' },
    ['resume', 'skip-verification', 'abort', 'cancel', 'delete'],
  ],
  ['held and to be deleted', { status: 'held', step: 'verify', isDeleteRequested: true }, ['delete']],
  ['ready', { status: 'ready' }, ['delete']],
  ['failed', { status: 'failed', step: 'verify' }, ['retry', 'delete']],
  ['cancelled', { status: 'cancelled' }, ['retry', 'delete']],
  ['in its undelete window', { status: 'deleting', step: 'undelete-window', isDeleteRequested: true }, ['undelete']],
  ['being deleted', { status: 'deleting', step: 'delete-namespace', isDeleteRequested: true }, []],
  ['deleted', { status: 'deleted', isDeleteRequested: true }, []],
])('of a store that is %s, these moves can be asked for', (_, store, moves) => {
  expect(movesOf({ ...STORE, ...store })).toEqual(moves);
});
