import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Identity } from '../../domain/access/principal.ts';
import { StoreError } from '../../domain/failure.ts';
import type { TenancyRecords, TenancyWork } from '../../domain/ports/tenancy-records.ts';
import { MAX_WEBHOOKS_PER_TENANT } from '../../domain/webhooks.ts';
import type { CredentialReader } from '../../domain/ports/credential-reader.ts';
import { createLoginLimiter } from '../auth/login-limiter.ts';
import { newSecret } from '../auth/secrets.ts';
import { fakeApi, MAX_STORES } from '../../test/harness/platform/fake-api.ts';
import { exchangeWith } from '../../test/harness/raw-http.ts';
import { PROBLEM_CODES, problemType, type ProblemCode } from './catalogue.ts';
import { ProblemDetails } from '../contract/problem.ts';
import type { Store } from '../contract/store.ts';

type Api = ReturnType<typeof fakeApi>;
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

let api: Api;
beforeEach(() => {
  api = fakeApi();
});

/** Each problem code with its status and a request that causes it. */
const PROBLEMS = [
  ['INVALID_REQUEST', 400, (a) => a.post({ body: { name: 'x', engine: 'magento' } })],
  ['MALFORMED_JSON', 400, (a) => postRaw(a, '{"name":')],
  ['MALFORMED_REQUEST', 400, (a) => exchangeWith(a.app, 'HELO example.com\r\n\r\n')],
  ['IDEMPOTENCY_KEY_REQUIRED', 400, (a) => postRaw(a, '{}', { 'content-type': 'application/json' })],
  ['IDEMPOTENCY_KEY_INVALID', 400, (a) => a.post({ key: 'k'.repeat(256) })],
  ['UNAUTHENTICATED', 401, () => as(undefined)],
  ['LOGIN_FAILED', 401, () => logIn(fakeApi({ identity: { authentication: 'local' } }))],
  ['FORBIDDEN', 403, () => as({ membership: { tenantId: 't1', role: 'viewer' } })],
  ['INSUFFICIENT_SCOPE', 403, () => as({ scopes: ['stores:read'] })],
  ['SETUP_LINK_INVALID', 403, () => setUp(fakeApi({ identity: { authentication: 'local' } }), 'unknown')],
  ['ORIGIN_REFUSED', 403, (a) => a.post({ headers: { origin: 'https://shop.example' } })],
  ['ROUTE_NOT_FOUND', 404, (a) => a.app.request('/api/shops')],
  ['TENANT_NOT_FOUND', 404, () => as({ membership: null })],
  ['LOGIN_METHOD_DISABLED', 404, logIn],
  ['SESSION_NOT_FOUND', 404, (a) => a.app.request(`/api/sessions/${UNKNOWN_ID}`, { method: 'DELETE' })],
  ['STORE_NOT_FOUND', 404, (a) => a.app.request(`/api/stores/${UNKNOWN_ID}`)],
  ['OPERATION_NOT_FOUND', 404, (a) => a.app.request(`/api/operations/${UNKNOWN_ID}`)],
  ['NAMESPACE_NOT_FOUND', 404, (a) => decide(a, 'store-other', 'keep')],
  ['WEBHOOK_NOT_FOUND', 404, (a) => a.app.request(`/api/webhooks/${UNKNOWN_ID}`)],
  ['DELIVERY_NOT_FOUND', 404, async (a) => redeliver(a, await newWebhook(a), UNKNOWN_ID)],
  ['CREDENTIALS_NOT_FOUND', 404, () => credentials({ read: async () => undefined })],
  ['SCHEDULE_NOT_FOUND', 404, (a) => a.app.request('/api/admin/schedules/x/pause', { method: 'POST' })],
  ['CLUSTER_EXISTS', 409, (a) => addCluster(a, 'default')],
  ['CLUSTER_NOT_FOUND', 404, (a) => changeCluster(a, 'other', {})],
  ['MEMBER_NOT_FOUND', 404, (a) => a.app.request('/api/members/x', { method: 'DELETE' })],
  ['INVITATION_NOT_FOUND', 404, (a) => a.app.request('/api/invitations/x', { method: 'DELETE' })],
  ['ORPHAN_NOT_FOUND', 404, (a) => a.app.request('/api/orphans/x/remove', { method: 'POST' })],
  ['SERVICE_ACCOUNT_NOT_FOUND', 404, (a) => a.app.request('/api/service-accounts/x', { method: 'DELETE' })],
  ['TOKEN_NOT_FOUND', 404, (a) => a.app.request('/api/tokens/x', { method: 'DELETE' })],
  ['DEVICE_CODE_NOT_FOUND', 404, () => asUser('/api/device/approve', { userCode: 'x', decision: 'deny' })],
  ['METHOD_NOT_ALLOWED', 405, (a) => a.app.request('/api/stores', { method: 'PUT' })],
  ['REQUEST_TIMEOUT', 408, (a) => exchangeWith(a.app, 'GET / HTTP/1.1\r\nHost: localhost\r\n')],
  ['EMAIL_TAKEN', 409, withTakenEmail],
  ['INVALID_STATE', 409, async (a) => command(a, 'cancel', await ready(a))],
  ['OPERATION_RUNNING', 409, async (a) => command(a, 'retry', await provisioning(a))],
  ['NAMESPACE_TAKEN', 409, withTakenNamespace],
  ['CLUSTER_NOT_ACCEPTING', 409, onCordonedCluster],
  [
    'ORPHAN_NOT_REMOVABLE',
    409,
    (a) => a.app.request(`/api/orphans/${a.addOrphan({ removableAfter: null })}/remove`, { method: 'POST' }),
  ],
  ['NAMESPACE_RECORDED', 409, (a) => decide(a, a.addUnaccounted({ adoptedAt: new Date() }), 'remove')],
  ['LAST_ADMIN', 409, removeLastAdmin],
  ['TENANT_EXISTS', 409, () => asUser('/api/admin/tenants', { tenantId: 'acme', name: 'Acme' }, WITH_TENANT)],
  ['WEBHOOK_DISABLED', 409, withDisabledWebhook],
  ['DELIVERY_OPEN', 409, withOpenDelivery],
  ['PRECONDITION_FAILED', 412, async (a) => ifMatch(a, await a.newStore())],
  ['BODY_TOO_LARGE', 413, (a) => a.post({ body: { name: 'x'.repeat(70_000), engine: 'medusa' } })],
  ['URL_TOO_LONG', 414, (a) => a.app.request(`/api/stores?name=${'x'.repeat(8_192)}`)],
  ['UNSUPPORTED_MEDIA_TYPE', 415, (a) => a.post({ headers: { 'content-type': 'text/plain' } })],
  ['HOST_NOT_ALLOWED', 421, (a) => a.app.request('/api/stores', { headers: { host: 'shop.example' } })],
  ['IDEMPOTENCY_KEY_REUSED', 422, async (a) => (await a.post(), a.post({ body: { name: 'Other', engine: 'medusa' } }))],
  ['LOGIN_THROTTLED', 429, afterFailedLogins],
  ['QUOTA_EXCEEDED', 429, overQuota],
  ['TOO_MANY_STREAMS', 429, withoutStreams],
  ['RATE_LIMITED', 429, overRequestLimit],
  ['WEBHOOK_LIMIT_REACHED', 429, overWebhookLimit],
  ['HEADERS_TOO_LARGE', 431, (a) => exchangeWith(a.app, `GET / HTTP/1.1\r\nX-A: ${'x'.repeat(17_000)}\r\n\r\n`)],
  ['INTERNAL', 500, (a) => failing(a, new Error('a bug'))],
  ['WEBHOOKS_OFF', 501, () => fakeApi({ hasWebhooks: false }).app.request('/api/webhooks')],
  ['DATABASE_UNAVAILABLE', 503, (a) => failing(a, new StoreError('DATABASE_UNAVAILABLE', 'The database is down'))],
  ['ORCHESTRATOR_UNAVAILABLE', 503, async (a) => command(a, 'retry', await withTemporalAway(a))],
  ['ORCHESTRATOR_REJECTED', 502, async (a) => command(a, 'retry', await rejectedByTemporal(a))],
  ['CLUSTER_NOT_CONFIGURED', 503, () => credentials()],
  ['CLUSTER_UNAVAILABLE', 503, () => credentials(failingReader('CLUSTER_UNAVAILABLE'))],
  ['CLUSTER_REFUSED', 502, () => credentials(failingReader('CLUSTER_REFUSED'))],
  ['ISSUER_UNAVAILABLE', 503, withIssuerAway],
  ['NOT_READY', 503, (a) => ((a.records.fault = new Error('down')), a.app.request('/health/ready'))],
] as const satisfies readonly (readonly [ProblemCode, number, (api: Api) => Response | Promise<Response>])[];

function withoutStreams() {
  return fakeApi({ maxStreams: 0 }).app.request('/api/events', { headers: { accept: 'text/event-stream' } });
}

/** Sends a request over a limit of no requests. */
async function overRequestLimit() {
  const count = { limit: 0, used: 1, resetSeconds: 60, isExceeded: true };
  const counted = async () => count;
  return fakeApi({ limits: { ofAddress: counted, ofReads: counted, ofChanges: counted } }).app.request('/api/stores');
}

const WITH_TENANT: Partial<TenancyRecords> = {
  once: async (_, work) => {
    const records = { createTenant: async () => undefined } as Partial<TenancyWork> as TenancyWork;
    return { kind: 'done', value: (await work(records)).value };
  },
};

/** Sends a request as an operator with a browser session. */
async function asUser(path: string, body: unknown, tenants: Partial<TenancyRecords> = {}) {
  const identity: Identity = {
    principal: { kind: 'user', userId: 'u1', sessionId: 's1' },
    isOperator: true,
    scopes: null,
    membership: { tenantId: 't1', role: 'admin' },
  };
  const authenticators = [{ credentialOf: () => 'given', authenticate: async () => identity }];
  return await fakeApi({ authenticators, tenants }).app.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'k' },
    body: JSON.stringify(body),
  });
}

function changeCluster({ app }: Api, name: string, body: unknown) {
  return app.request(`/api/admin/clusters/${name}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function addCluster({ app }: Api, name: string) {
  return app.request('/api/admin/clusters', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
}

async function onCordonedCluster(cordoned: Api) {
  await changeCluster(cordoned, 'default', { status: 'cordoned' });
  return cordoned.post();
}

async function removeLastAdmin() {
  const { app } = fakeApi({ tenants: { removeMember: async () => ({ kind: 'lastAdmin' }) } });
  return await app.request(`/api/members/${UNKNOWN_ID}`, { method: 'DELETE' });
}

const ADA = { email: 'ada@example.com', password: 'correct horse battery staple' };

async function logIn({ app }: Api) {
  return app.request('/api/login', jsonBody(ADA));
}

async function setUp({ app }: Api, token: string) {
  return app.request('/api/setup', jsonBody({ ...ADA, name: 'Ada', token }));
}

function jsonBody(body: unknown) {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

async function withTakenEmail() {
  const other = fakeApi({ identity: { authentication: 'local' } });
  const { secret, hash } = newSecret();
  other.people.setupLink = { hash, expiresAt: new Date(Date.now() + 60_000) };
  const user = { userId: UNKNOWN_ID, issuer: 'local', email: 'ADA@example.com', name: null, passwordHash: 'x' };
  other.people.users.set(UNKNOWN_ID, { ...user, isOperator: false, isDisabled: false });
  return setUp(other, secret);
}

async function afterFailedLogins() {
  const limiter = createLoginLimiter();
  for (let failed = 0; failed < 10; failed += 1) await limiter.begin({ address: 'elsewhere', account: ADA.email });
  return logIn(fakeApi({ identity: { authentication: 'local', limiter } }));
}

async function withIssuerAway() {
  const mapping = { tenantClaim: undefined, roleClaim: undefined, roles: [] };
  const issuer = { issuer: 'http://127.0.0.1:1', clientId: 'c', clientSecret: undefined, operatorEmails: [], mapping };
  const oidc = { ...issuer, audience: 'urn:api', jwtType: undefined };
  const { app } = fakeApi({ identity: { authentication: 'oidc', oidc } });
  return app.request('/api/stores', { headers: { authorization: 'Bearer a.b.c' } });
}

/** Creates a store as a caller who lacks something. Undefined: the credential is not valid. */
function as(lacking: Partial<Identity> | undefined) {
  const identity: Identity = {
    principal: { kind: 'user', userId: 'u1', sessionId: 's1' },
    isOperator: false,
    scopes: null,
    membership: { tenantId: 't1', role: 'admin' },
  };
  const authenticate = async () => (lacking === undefined ? undefined : { ...identity, ...lacking });
  return fakeApi({ authenticators: [{ credentialOf: () => 'given', authenticate }] }).post();
}

describe('each problem', () => {
  test.each(PROBLEMS)('%s has the status %i and its code, type and correlation id', async (code, status, send) => {
    const response = await send(api);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = ProblemDetails.parse(await response.json());
    expect(problem).toMatchObject({ code, status, type: problemType(code) });
    expect(problem.correlationId).toBe(response.headers.get('x-correlation-id'));
  });

  test('is tested: the table above has every code', () => {
    expect(PROBLEMS.map(([code]) => code).toSorted()).toEqual([...PROBLEM_CODES].toSorted());
  });

  test.each(PROBLEM_CODES)('%s has an explanation at the path of its type', async (code) => {
    const response = await api.app.request(problemType(code));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ code, explanation: expect.stringMatching(/\.$/) });
  });
});

describe('the input of a request', () => {
  test.each<[string, unknown, string]>([
    ['a missing name', { engine: 'medusa' }, '/name'],
    ['an empty name', { name: '  ', engine: 'medusa' }, '/name'],
    ['a name of 64 characters', { name: 'é'.repeat(64), engine: 'medusa' }, '/name'],
    ['a control character', { name: 'a\u0007b', engine: 'medusa' }, '/name'],
    ['a line break', { name: 'a\nb', engine: 'medusa' }, '/name'],
    ['a change of writing direction', { name: 'a\u202eb', engine: 'medusa' }, '/name'],
    ['a number as a name', { name: 7, engine: 'medusa' }, '/name'],
    ['an unknown engine', { name: 'x', engine: 'magento' }, '/engine'],
    ['an unknown field', { name: 'x', engine: 'medusa', 'a/b': 1 }, '/a~1b'],
    ['a string instead of an object', 'text', ''],
  ])('is rejected with a pointer to the field of the body: %s', async (_, body, pointer) => {
    const problem = ProblemDetails.parse(await (await api.post({ body })).json());
    expect(problem.errors).toEqual([{ in: 'body', pointer, detail: expect.any(String) }]);
  });

  test('is rejected with all errors in one response', async () => {
    const problem = ProblemDetails.parse(await (await api.post({ body: { extra: true } })).json());
    expect(problem.errors?.map((error) => error.pointer).toSorted()).toEqual(['/engine', '/extra', '/name']);
  });

  test.each([
    'limit=0',
    'limit=101',
    'limit=ten',
    'limit=',
    'limit=1e1',
    'offset=-1',
    'status=lost',
    'engine=x',
    'page=2',
  ])('is rejected with a pointer to the query parameter: ?%s', async (query) => {
    const response = await api.app.request(`/api/stores?${query}`);
    const problem = ProblemDetails.parse(await response.json());
    expect(response.status).toBe(400);
    expect(problem.errors).toMatchObject([{ in: 'query', pointer: `/${query.split('=')[0]}` }]);
  });

  test.each([
    'Acme Shoes',
    '日本語の店',
    '👩‍👩‍👧 & Co',
    'é'.repeat(63),
    'می‌خواهم',
    '日本　語',
    '\u{1fae9} of a later Unicode version',
    '𝒜'.repeat(63),
    '<script>alert(1)</script>',
    "'; --",
  ])('may have the name %j', async (name) => {
    const response = await api.post({ body: { name, engine: 'medusa' } });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ name });
  });

  test.each(['k'.repeat(255), ' inner space ', 'order/42?x=1'])('may have the key %j', async (key) => {
    expect((await api.post({ key })).status).toBe(202);
  });

  test.each(['', '""', 'schlüssel', '\t'])('must not have the key %j', async (key) => {
    expect((await api.post({ key })).status).toBe(400);
  });

  test('is rejected with STORE_NOT_FOUND when the id is no UUID', async () => {
    for (const [method, path] of [
      ['GET', '/api/stores/7'],
      ['GET', '/api/stores/7/events'],
      ['DELETE', "/api/stores/'%20or%201=1"],
      ['POST', '/api/stores/7/retry'],
    ] as const) {
      const response = await api.app.request(path, { method });
      expect(await response.json()).toMatchObject({ code: 'STORE_NOT_FOUND' });
    }
  });

  test('is limited in size also for a body without a Content-Length', async () => {
    const body = new Blob(['x'.repeat(70_000)]).stream();
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'k' };
    const request = new Request('http://localhost/api/stores', { method: 'POST', headers, body, duplex: 'half' });
    expect((await api.app.request(request)).status).toBe(413);
  });
});

describe('a problem', () => {
  test('METHOD_NOT_ALLOWED lists the allowed methods', async () => {
    const response = await api.app.request(`/api/stores/${UNKNOWN_ID}`, { method: 'PATCH' });
    expect(response.headers.get('allow')?.split(', ').toSorted()).toEqual(['DELETE', 'GET', 'HEAD']);
  });

  test('OPERATION_RUNNING contains the operation with its link', async () => {
    const store = await provisioning(api);
    const problem = ProblemDetails.parse(await (await command(api, 'retry', store)).json());
    expect(problem.operation).toMatchObject({
      kind: 'provision',
      runId: 'run-1',
      webUrl: `http://127.0.0.1:8233/namespaces/default/workflows/store%2F${store.storeId}/run-1`,
    });
  });

  test('QUOTA_EXCEEDED contains the limit', async () => {
    expect(await (await overQuota(api)).json()).toMatchObject({ limit: MAX_STORES, live: MAX_STORES });
  });

  test('with status 503 contains the time to wait', async () => {
    const response = await failing(api, new StoreError('DATABASE_UNAVAILABLE', 'The database is down'));
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('INTERNAL never shows the cause and logs it', async () => {
    const fault = new Error('duplicate key value violates "stores_pk"; insert into stores at /srv/db/stores.ts:42');
    const response = await failing(api, fault);
    const text = await response.text();
    expect(text).not.toMatch(/duplicate|insert|stores_pk|stores\.ts|\/srv|stack/);
    expect(api.logLines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        correlationId: response.headers.get('x-correlation-id'),
        err: expect.objectContaining({ message: fault.message }),
      }),
    );
  });
});

function postRaw(a: Api, body: string, headers: Record<string, string> = JSON_WITH_KEY) {
  return a.app.request('/api/stores', { method: 'POST', headers, body });
}
const JSON_WITH_KEY = { 'content-type': 'application/json', 'idempotency-key': 'k' };

/** Deletes a store in a version that it does not have. */
function ifMatch({ app }: Api, { storeId }: Store) {
  return app.request(`/api/stores/${storeId}`, { method: 'DELETE', headers: { 'if-match': '"other"' } });
}

function command(a: Api, verb: 'retry' | 'cancel', store: Store) {
  return a.app.request(`/api/stores/${store.storeId}/${verb}`, { method: 'POST' });
}

async function provisioning(a: Api): Promise<Store> {
  const store = await a.newStore();
  a.records.amend(store.storeId, { status: 'provisioning' }, { status: 'running', runId: 'run-1' });
  return store;
}

async function ready(a: Api): Promise<Store> {
  const store = await a.newStore();
  a.records.amend(
    store.storeId,
    { status: 'ready', readyAt: new Date() },
    { status: 'succeeded', endedAt: new Date() },
  );
  return store;
}

async function withTemporalAway(a: Api): Promise<Store> {
  const store = await a.newStore();
  a.operations.away = true;
  return store;
}

/** Repeats a create request after another one, of an equal name and id, has taken its namespace. */
async function withTakenNamespace(a: Api): Promise<Response> {
  const { storeId } = await a.newStore();
  a.records.amend(storeId, { idempotencyKey: 'another key' });
  return a.post();
}

async function rejectedByTemporal(a: Api): Promise<Store> {
  const store = await a.newStore();
  a.operations.rejected.add(store.storeId);
  return store;
}

async function overQuota(a: Api): Promise<Response> {
  for (let count = 0; count < MAX_STORES; count += 1) await a.newStore(`order-${count}`);
  return a.post({ key: 'one-more' });
}

async function failing(a: Api, fault: Error): Promise<Response> {
  a.records.fault = fault;
  return a.app.request('/api/stores');
}

/** Asks an API with these Secrets for the credentials of a store. */
async function credentials(cluster?: CredentialReader): Promise<Response> {
  const a = fakeApi(cluster === undefined ? {} : { secrets: { default: cluster } });
  return a.app.request(`/api/stores/${(await a.newStore()).storeId}/credentials`);
}

function failingReader(code: 'CLUSTER_UNAVAILABLE' | 'CLUSTER_REFUSED'): CredentialReader {
  return { read: async () => Promise.reject(new StoreError(code, 'secrets are forbidden')) };
}

function decide(a: Api, namespace: string, decision: 'keep' | 'remove') {
  return a.app.request(`/api/admin/unaccounted/${namespace}/${decision}`, { method: 'POST' });
}

function createWebhook({ app }: Api, key: string) {
  return app.request('/api/webhooks', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ url: 'https://receiver.example/' }),
  });
}

async function newWebhook(a: Api): Promise<string> {
  return ((await (await createWebhook(a, 'key')).json()) as { readonly webhookId: string }).webhookId;
}

function postToWebhook({ app }: Api, webhookId: string, action: string) {
  return app.request(`/api/webhooks/${webhookId}/${action}`, { method: 'POST' });
}

function redeliver(a: Api, webhookId: string, deliveryId: string) {
  return postToWebhook(a, webhookId, `deliveries/${deliveryId}/redeliver`);
}

async function withDisabledWebhook(a: Api) {
  const webhookId = await newWebhook(a);
  await postToWebhook(a, webhookId, 'disable');
  return postToWebhook(a, webhookId, 'test');
}

async function withOpenDelivery(a: Api) {
  const webhookId = await newWebhook(a);
  await postToWebhook(a, webhookId, 'test');
  return redeliver(a, webhookId, a.webhookRecords.deliveries[0]?.id ?? '');
}

async function overWebhookLimit(a: Api) {
  for (let count = 0; count < MAX_WEBHOOKS_PER_TENANT; count += 1) await createWebhook(a, `key-${count}`);
  return createWebhook(a, 'one more');
}
