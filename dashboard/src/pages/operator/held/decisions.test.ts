import { expect, test } from '@jest/globals';
import { decisionsOf } from './decisions.ts';

const held = { kind: 'provision', status: 'held', step: 'await-ready', cancelRequestedAt: null } as const;

test.each([
  ['a held provision', held, ['continue', 'abort']],
  [
    'a provision that is held at its verification',
    { ...held, step: 'verify' } as const,
    ['continue', 'skip-verification', 'abort'],
  ],
  ['a running provision', { ...held, status: 'running' } as const, ['cancel']],
  [
    'a provision whose cancel was requested',
    { ...held, status: 'running', cancelRequestedAt: '2026-01-01T00:00:00Z' } as const,
    [],
  ],
  ['a delete', { ...held, kind: 'delete', status: 'running' } as const, []],
])('%s allows these decisions', (_, operation, decisions) => {
  expect(decisionsOf(operation)).toEqual(decisions);
});
