import { expect, test } from '@jest/globals';
import { seenOrphan } from '../../test/factories/orphan.ts';
import { fakeApi, readJson } from '../../test/harness/platform/fake-api.ts';

const ORPHAN = seenOrphan();
const PATH = `/api/orphans/${ORPHAN.uid}/remove`;

function apiWith(count: number) {
  const api = fakeApi();
  const uids = Array.from({ length: count }, (_, index) => api.addOrphan({ uid: `uid-${index}` }));
  return { ...api, uids };
}

test('lists orphans with the number of due ones, and how many the limit holds back', async () => {
  const { app, uids } = apiWith(6);
  await app.request(`/api/orphans/${uids[0]}/remove`, { method: 'POST' });
  const { firstSeen, ...shown } = { ...ORPHAN, uid: 'uid-1' };
  expect(await readJson(await app.request('/api/orphans?limit=1&offset=1'))).toEqual({
    data: [{ ...shown, firstSeen: firstSeen.toISOString(), removableAfter: firstSeen.toISOString() }],
    removal: { due: 6, heldBack: 5, limit: 5, isHeldBack: true },
    pagination: { limit: 1, offset: 1, total: 6 },
  });
});

test('an empty list holds nothing back, and an invalid page size is rejected', async () => {
  const { app } = fakeApi();
  expect(await readJson(await app.request('/api/orphans'))).toMatchObject({ data: [], removal: { isHeldBack: false } });
  expect((await app.request('/api/orphans?limit=0')).status).toBe(400);
});

test('the removal of an orphan is approved once, and a repeated approval changes nothing', async () => {
  const { app, addOrphan, operations } = fakeApi();
  addOrphan();
  const response = await app.request(PATH, { method: 'POST' });
  expect(response.status).toBe(202);
  const approved = await readJson(response);
  expect(approved).toMatchObject({ uid: ORPHAN.uid, name: ORPHAN.name, approvedAt: expect.any(String) });
  expect(await readJson(await app.request(PATH, { method: 'POST' }))).toEqual(approved);
  // Only the next pass of the reconciler removes it, after it has looked at the object again.
  expect(operations.runs).toEqual([]);
});

test('an orphan that the platform never removes is refused with its reason', async () => {
  const { app, addOrphan } = fakeApi();
  addOrphan({ removableAfter: null, reason: 'its label names no installation' });
  expect(await readJson(await app.request(PATH, { method: 'POST' }))).toMatchObject({
    status: 409,
    code: 'ORPHAN_NOT_REMOVABLE',
    detail: `The platform never removes Namespace/${ORPHAN.name}: its label names no installation.`,
  });
});

test.each(['other', '%00', '..%2f', 'x'.repeat(65)])(
  'an orphan that is not in the list gets 404: %.10s',
  async (uid) => {
    const { app, addOrphan } = fakeApi();
    addOrphan();
    const response = await app.request(`/api/orphans/${uid}/remove`, { method: 'POST' });
    expect(await readJson(response)).toMatchObject({ status: 404, code: 'ORPHAN_NOT_FOUND' });
  },
);
