import { setImmediate as afterResponse } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { StoreError } from '../../domain/failure.ts';
import type { CredentialReader } from '../../domain/ports/credential-reader.ts';
import { fakeApi, readJson } from '../../test/harness/platform/fake-api.ts';
import type { Store } from '../contract/store.ts';
import { lazyCredentialReader } from './lazy-credential-reader.ts';

const PASSWORD = 'Pa55word-of-the-merchant';
const SECRETS: CredentialReader = { read: async () => ({ login: 'admin', password: PASSWORD }) };

async function credentialsOf(reader?: CredentialReader) {
  const api = fakeApi(reader === undefined ? {} : { secrets: { default: reader } });
  const { storeId } = await api.newStore();
  api.records.amend(storeId, { status: 'ready', readyAt: new Date() }, { status: 'succeeded', endedAt: new Date() });
  const response = await api.app.request(`/api/stores/${storeId}/credentials`);
  return { api, storeId, response };
}

describe('the credentials of a store', () => {
  test('are read from the cluster, and the audit log has an entry without them', async () => {
    const { api, storeId, response } = await credentialsOf(SECRETS);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      storeId,
      engine: 'woocommerce',
      admin: { url: expect.stringMatching(/wp-admin/), login: 'admin', loginKind: 'username', password: PASSWORD },
      storefrontUrl: expect.stringMatching(/^http/),
    });
    expect(api.audited).toEqual([
      expect.objectContaining({
        tenantId: 'default-user',
        principal: { kind: 'anonymous' },
        action: 'getStoreCredentials',
        target: `store/${storeId}`,
        outcome: 'succeeded',
        correlationId: response.headers.get('x-correlation-id'),
      }),
    ]);
    await afterResponse();
    expect(JSON.stringify([api.audited, api.logLines])).not.toContain(PASSWORD);
  });

  test('are never stored by a cache, and have no tag that is derived from them', async () => {
    const { response } = await credentialsOf(SECRETS);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('etag')).toBeNull();
  });

  test('are not returned when the audit log cannot be written', async () => {
    const api = fakeApi({
      secrets: { default: SECRETS },
      auditFault: new StoreError('DATABASE_UNAVAILABLE', 'The database is down'),
    });
    const { storeId } = await api.newStore();
    const response = await api.app.request(`/api/stores/${storeId}/credentials`);
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain(PASSWORD);
  });

  test.each<[string, number, CredentialReader | undefined]>([
    ['CLUSTER_NOT_CONFIGURED', 503, undefined],
    ['CLUSTER_NOT_CONFIGURED', 503, lazyCredentialReader(async () => Promise.reject(new Error('no such context')))],
    ['CREDENTIALS_NOT_FOUND', 404, { read: async () => undefined }],
    ['CLUSTER_UNAVAILABLE', 503, failingWith('CLUSTER_UNAVAILABLE')],
    ['CLUSTER_REFUSED', 502, failingWith('CLUSTER_REFUSED')],
    ['CLUSTER_REFUSED', 502, failingWith('NAMESPACE_FOREIGN')],
  ])('are missing with %s, and the message of the cluster is only logged', async (code, status, cluster) => {
    const { api, response } = await credentialsOf(cluster);
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toMatchObject([status, { code }]);
    expect(text).not.toMatch(/serviceaccount|no such context/);
    expect(api.audited).toEqual([]);
  });
});

describe('the access to the cluster', () => {
  test('is opened once, by the first request that succeeds', async () => {
    let attempts = 0;
    const reader = lazyCredentialReader(async () => {
      attempts += 1;
      if (attempts === 1) throw new Error('the file is being written');
      return SECRETS;
    });
    const { api, response, storeId } = await credentialsOf(reader);
    expect(response.status).toBe(503);
    for (let count = 0; count < 3; count += 1) {
      expect((await api.app.request(`/api/stores/${storeId}/credentials`)).status).toBe(200);
    }
    expect(attempts).toBe(2);
  });
});

describe('the credentials of a store in another cluster', () => {
  const other: CredentialReader = { read: async () => ({ login: 'admin', password: 'of the other cluster' }) };

  async function credentialsOfOther(secrets: Readonly<Record<string, CredentialReader>>) {
    const api = fakeApi({ secrets });
    const labels = { region: 'eu' };
    const headers = { 'content-type': 'application/json' };
    await api.app.request('/api/admin/clusters', {
      method: 'POST',
      headers,
      body: JSON.stringify({ name: 'eu-1', labels }),
    });
    const created = await api.post({ body: { name: 'Acme', engine: 'woocommerce', placement: { labels } } });
    const { storeId } = await readJson<Store>(created);
    const response = await api.app.request(`/api/stores/${storeId}/credentials`);
    return [response.status, await readJson(response)];
  }

  test('are read in its cluster', async () => {
    expect(await credentialsOfOther({ default: SECRETS, 'eu-1': other })).toMatchObject([
      200,
      { admin: { password: 'of the other cluster' } },
    ]);
  });

  test('are refused with its name when the API has no access to it', async () => {
    expect(await credentialsOfOther({ default: SECRETS })).toMatchObject([
      503,
      {
        code: 'CLUSTER_NOT_CONFIGURED',
        detail: expect.stringMatching(/no access to the cluster eu-1 .* CLUSTER_CONTEXTS/),
      },
    ]);
  });
});

function failingWith(code: 'CLUSTER_UNAVAILABLE' | 'CLUSTER_REFUSED' | 'NAMESPACE_FOREIGN'): CredentialReader {
  return {
    read: async () => {
      throw new StoreError(code, 'the cluster refused: system:serviceaccount:platform:api cannot get secrets');
    },
  };
}
