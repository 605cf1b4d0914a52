import { beforeEach, describe, expect, test } from '@jest/globals';
import { fakeApi, readJson } from '../../test/harness/platform/fake-api.ts';

let api: ReturnType<typeof fakeApi>;
beforeEach(() => {
  api = fakeApi();
});

function request(method: string, path: string, headers: Record<string, string> = {}) {
  return api.app.request(path, { method, headers });
}

async function tagOf(path: string): Promise<string> {
  const tag = (await request('GET', path)).headers.get('etag');
  expect(tag).toMatch(/^"[\w-]+"$/);
  return tag ?? '';
}

describe('If-None-Match', () => {
  test.each(['store', 'operation', 'events', 'list'] as const)(
    'answers 304 without a body while the %s is unchanged, and 200 after a change',
    async (resource) => {
      const { storeId, operation } = await api.newStore();
      const path = {
        store: `/api/stores/${storeId}`,
        operation: `/api/operations/${operation?.operationId}`,
        events: `/api/stores/${storeId}/events`,
        list: '/api/stores',
      }[resource];
      const tag = await tagOf(path);
      for (const header of [tag, `"other", W/${tag}`, '*']) {
        const response = await request('GET', path, { 'if-none-match': header });
        expect(response.status).toBe(304);
        expect(await response.text()).toBe('');
        expect(response.headers.get('etag')).toBe(tag);
        expect(response.headers.get('x-correlation-id')).not.toBeNull();
      }
      await request('POST', `/api/stores/${storeId}/cancel`);
      expect((await request('GET', path, { 'if-none-match': tag })).status).toBe(200);
    },
  );
});

describe('If-Match', () => {
  const changes = [
    ['DELETE', ''],
    ['POST', '/cancel'],
    ['POST', '/retry'],
    ['POST', '/continue'],
    ['POST', '/skip-verification'],
    ['POST', '/abort'],
    ['POST', '/undelete'],
  ] as const;

  test.each(changes)('%s %s changes nothing and answers 412 if the store has changed', async (method, action) => {
    const { storeId } = await api.newStore();
    const tag = await tagOf(`/api/stores/${storeId}`);
    api.records.amend(storeId, { onFailure: 'hold' });
    const before = await tagOf(`/api/stores/${storeId}`);
    const response = await request(method, `/api/stores/${storeId}${action}`, { 'if-match': tag });
    expect(response.status).toBe(412);
    expect(await readJson(response)).toMatchObject({ code: 'PRECONDITION_FAILED' });
    expect(await tagOf(`/api/stores/${storeId}`)).toBe(before);
  });

  test.each(['the current tag', 'a list with the current tag', 'every tag', 'no tag'])(
    'accepts a change with %s',
    async (given) => {
      const { storeId } = await api.newStore();
      const tag = await tagOf(`/api/stores/${storeId}`);
      const headers = {
        'the current tag': { 'if-match': tag },
        'a list with the current tag': { 'if-match': `"other", ${tag}` },
        'every tag': { 'if-match': '*' },
      }[given];
      expect((await request('DELETE', `/api/stores/${storeId}`, headers)).status).toBe(202);
    },
  );

  test.each(['', 'tag', '"a" "b"', 'W/"weak"'])('rejects the header %j', async (header) => {
    const { storeId } = await api.newStore();
    const response = await request('DELETE', `/api/stores/${storeId}`, { 'if-match': header });
    expect(response.status).toBe(400);
    expect(await readJson(response)).toMatchObject({ errors: [{ in: 'header', pointer: '/If-Match' }] });
  });
});
