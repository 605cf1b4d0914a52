import { expect, test } from '@jest/globals';
import type { SeenOrphan } from '../../domain/orphans.ts';
import { fakeApi, readJson } from '../../test/harness/platform/fake-api.ts';
import { orphanRoutes } from './routes.ts';

const SEEN = new Date('2026-01-31T12:00:00.000Z');
const ORPHAN: SeenOrphan = {
  cluster: 'default',
  kind: 'Namespace',
  name: 'store-acme-1a2b3c4d5e6f',
  namespace: null,
  uid: 'uid',
  storeId: null,
  reason: 'there is no record of its store',
  firstSeen: SEEN,
  removableAfter: null,
};

test('lists orphans with the number of due ones, and whether the limit prevents their removal', async () => {
  const list = async () => ({ orphans: [ORPHAN], total: 1, due: 7 });
  const routes = orphanRoutes({ orphans: { list }, maxRemovals: 5, now: () => SEEN });
  const { uid: _, ...shown } = ORPHAN;
  expect(await readJson(await routes.request('/orphans'))).toEqual({
    data: [{ ...shown, firstSeen: SEEN.toISOString() }],
    removal: { due: 7, limit: 5, isHeldBack: true },
    pagination: { limit: 100, offset: 0, total: 1 },
  });
});

test('serves the list of orphans and rejects an invalid page size', async () => {
  const { app } = fakeApi();
  expect(await readJson(await app.request('/api/orphans'))).toMatchObject({ data: [], removal: { isHeldBack: false } });
  expect((await app.request('/api/orphans?limit=0')).status).toBe(400);
});
