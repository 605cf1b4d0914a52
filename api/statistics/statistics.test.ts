import { expect, test } from '@jest/globals';
import { fakeApi, readJson } from '../../test/harness/platform/fake-api.ts';
import type { Statistics } from '../contract/statistics.ts';

const PATHS = ['/api/statistics', '/api/admin/statistics'];

test.each(PATHS)('%s returns the last 30 days in days by default', async (path) => {
  const response = await fakeApi().app.request(path);
  const { bucket, storesOverTime } = await readJson<Statistics>(response);
  expect([response.status, bucket, storesOverTime.length]).toEqual([200, 'day', 31]);
});

test.each(PATHS)('%s returns a short range in hours', async (path) => {
  const query = 'from=2026-01-01T10:30:00Z&to=2026-01-01T12:00:00Z';
  const { from, to, bucket } = await readJson<Statistics>(await fakeApi().app.request(`${path}?${query}`));
  expect({ from, to, bucket }).toEqual({
    from: '2026-01-01T10:00:00.000Z',
    to: '2026-01-01T12:00:00.000Z',
    bucket: 'hour',
  });
});

test.each(
  PATHS.flatMap((path) => [
    [`${path}?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z`, '/from'],
    [`${path}?from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z`, '/from'],
    [`${path}?from=9999-01-01T00:00:00Z`, '/from'],
    [`${path}?to=yesterday`, '/to'],
    [`${path}?bucket=hour`, '/bucket'],
  ]),
)('refuses %s and names the field', async (path, pointer) => {
  const response = await fakeApi().app.request(path);
  expect([response.status, await readJson(response)]).toMatchObject([400, { errors: [{ in: 'query', pointer }] }]);
});
