import { describe, expect, test } from '@jest/globals';
import type { ReleaseRecord } from '../adapters/helm-record.ts';
import { classifyRelease, nextReleaseAction, type ObservedRelease, type ReleaseAction } from './next-action.ts';

const wanted = { chartName: 'shop', chartVersion: '0.1.0', values: { store: { name: 'Acme', port: 80 } } };

function record(seed: Partial<ReleaseRecord>): ReleaseRecord {
  return { revision: 3, status: 'deployed', begunAtMs: 5, manifest: '', ...wanted, ...seed };
}

test.each<[ObservedRelease, ReleaseAction]>([
  [{ kind: 'absent' }, 'install'],
  [{ kind: 'locked', revision: 2, sinceMs: 0, lastGood: 1 }, 'unlock'],
  [{ kind: 'locked', revision: 1, sinceMs: 0, lastGood: null }, 'unlock'],
  [{ kind: 'failed', revision: 1 }, 'upgrade'],
  [{ kind: 'outdated', revision: 1 }, 'upgrade'],
  [{ kind: 'uninstalling', revision: 1 }, 'uninstall'],
  [{ kind: 'inSync', revision: 1 }, 'none'],
])('%j leads to %s', (observed, action) => {
  expect(nextReleaseAction(observed)).toBe(action);
});

describe('a release is', () => {
  test.each<[string, ReleaseRecord | undefined, ObservedRelease]>([
    ['absent without a record', undefined, { kind: 'absent' }],
    ['absent when it was uninstalled with its history kept', record({ status: 'uninstalled' }), { kind: 'absent' }],
    ['in sync', record({}), { kind: 'inSync', revision: 3 }],
    [
      'in sync with its values in another order',
      record({ values: { store: { port: 80, name: 'Acme' } } }),
      { kind: 'inSync', revision: 3 },
    ],
    ['outdated by its chart version', record({ chartVersion: '0.0.9' }), { kind: 'outdated', revision: 3 }],
    ['outdated by its chart', record({ chartName: 'other' }), { kind: 'outdated', revision: 3 }],
    [
      'outdated by its values',
      record({ values: { store: { name: 'Acme', port: 81 } } }),
      { kind: 'outdated', revision: 3 },
    ],
    ['failed', record({ status: 'failed' }), { kind: 'failed', revision: 3 }],
    ['failed when the newest record is superseded', record({ status: 'superseded' }), { kind: 'failed', revision: 3 }],
    ['uninstalling', record({ status: 'uninstalling' }), { kind: 'uninstalling', revision: 3 }],
  ])('%s', (_, newest, observed) => {
    expect(classifyRelease(newest, [], wanted)).toEqual(observed);
  });

  test('a release that is in sync is upgraded only when it is reapplied', () => {
    expect(nextReleaseAction({ kind: 'inSync', revision: 3 })).toBe('none');
    expect(nextReleaseAction({ kind: 'inSync', revision: 3 }, { reapply: true })).toBe('upgrade');
    expect(nextReleaseAction({ kind: 'absent' }, { reapply: true })).toBe('install');
  });

  test.each(['pending-install', 'pending-upgrade', 'pending-rollback'])('locked while %s', (status) => {
    const newest = record({ status });
    const first = { revision: 1, status: 'superseded' };
    const second = { revision: 2, status: 'deployed' };
    const locked = { kind: 'locked', revision: 3, sinceMs: 5 };
    expect(classifyRelease(newest, [newest], wanted)).toEqual({ ...locked, lastGood: null });
    expect(classifyRelease(newest, [newest, { revision: 2, status: 'failed' }, first], wanted)).toEqual({
      ...locked,
      lastGood: 1,
    });
    expect(classifyRelease(newest, [newest, second, first], wanted)).toEqual({ ...locked, lastGood: 2 });
  });
});
