import { expect, test } from '@jest/globals';
import { whyRestored, type DatabaseState } from './removals.ts';

const SEEN: DatabaseState = { systemIdentifier: '7001', timeline: 1, oid: '16384', checks: 10 };

test.each<[string, Partial<DatabaseState>, string]>([
  ['in another Postgres cluster', { systemIdentifier: '7002' }, 'system identifier was 7001 and is 7002'],
  ['on another timeline', { timeline: 2 }, 'timeline was 1 and is 2'],
  ['that was created again', { oid: '16385' }, 'OID was 16384 and is 16385'],
  ['with fewer checks', { checks: 4 }, 'number of checks was 10 and is 4'],
])('a database %s counts as restored', (_, change, reason) => {
  expect(whyRestored(SEEN, { ...SEEN, checks: 11, ...change })).toContain(reason);
});

test('the same database with one more check does not count as restored, also when the role may not read its identity', () => {
  const later = { ...SEEN, checks: 11 };
  expect(whyRestored(SEEN, later)).toBeUndefined();
  expect(whyRestored(SEEN, { ...later, systemIdentifier: null, timeline: null })).toBeUndefined();
  expect(whyRestored({ ...SEEN, systemIdentifier: null }, later)).toBeUndefined();
});
